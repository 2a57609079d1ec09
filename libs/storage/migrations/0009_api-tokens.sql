CREATE TABLE "api_tokens" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"secret_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"replaced_at" timestamp (3) with time zone,
	CONSTRAINT "api_tokens_role_known" CHECK ("api_tokens"."role" in ('viewer', 'editor')),
	CONSTRAINT "api_tokens_hash_is_sha256" CHECK ("api_tokens"."secret_hash" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE UNIQUE INDEX "api_tokens_current_name_unique" ON "api_tokens" USING btree ("name") WHERE "api_tokens"."revoked_at" is null and "api_tokens"."replaced_at" is null;