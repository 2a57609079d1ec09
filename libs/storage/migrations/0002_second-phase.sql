ALTER TABLE "studies" ALTER COLUMN "sampler" SET DATA TYPE jsonb USING jsonb_build_object('kind', "sampler");--> statement-breakpoint
ALTER TABLE "studies" ALTER COLUMN "pruner" SET DATA TYPE jsonb USING jsonb_build_object('kind', coalesce("pruner", 'none'));--> statement-breakpoint
ALTER TABLE "studies" ALTER COLUMN "pruner" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "space_versions" jsonb;--> statement-breakpoint
UPDATE "studies" SET "space_versions" = jsonb_build_array(jsonb_build_object('space', "space", 'phase', "phase", 'firstConfiguration', 0));--> statement-breakpoint
ALTER TABLE "studies" ALTER COLUMN "space_versions" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "replicates" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "folds" jsonb;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "exploit" jsonb;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "from_study" text;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "study_group" jsonb;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "thresholds" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "overrides" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "conclusion" text;--> statement-breakpoint
ALTER TABLE "trials" ADD COLUMN "diagnosis" jsonb;--> statement-breakpoint
ALTER TABLE "studies" ADD CONSTRAINT "studies_from_study_fk" FOREIGN KEY ("from_study") REFERENCES "public"."studies"("name") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "studies" ADD CONSTRAINT "studies_replicates_positive" CHECK ("studies"."replicates" >= 1);