CREATE TABLE "idempotency_keys" (
	"operation" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"result" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_operation_key" PRIMARY KEY("operation","key")
);
--> statement-breakpoint
ALTER TABLE "evaluations" ADD COLUMN "evaluated_by" text;--> statement-breakpoint
ALTER TABLE "evaluations" ADD COLUMN "is_contaminated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "archived_at" timestamp (3) with time zone;