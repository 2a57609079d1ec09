ALTER TABLE "slots" ADD COLUMN "gpu_uuid" text;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "memory_total_bytes" bigint;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "memory_used_bytes" bigint;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "utilisation" double precision;--> statement-breakpoint
ALTER TABLE "slots" ADD COLUMN "sampled_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "limits" jsonb;--> statement-breakpoint
ALTER TABLE "trials" ADD COLUMN "memory_failures" integer DEFAULT 0 NOT NULL;