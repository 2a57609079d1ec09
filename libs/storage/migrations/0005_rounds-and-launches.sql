CREATE TABLE "launches" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"round_id" uuid,
	"configuration_id" uuid NOT NULL,
	"baseline_id" uuid,
	"decision" text NOT NULL,
	"reason" text NOT NULL,
	"decided_by" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"decided_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "launches_decision_known" CHECK ("launches"."decision" in ('adopted', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "rounds" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"goal" text NOT NULL,
	"study_group" text,
	"learned" text,
	"decision" text,
	"opened_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "rounds_decision_known" CHECK ("rounds"."decision" in ('adopted', 'rejected', 'nothing-to-adopt')),
	CONSTRAINT "rounds_closed_is_whole" CHECK (("rounds"."closed_at" is null) = ("rounds"."learned" is null) and ("rounds"."closed_at" is null) = ("rounds"."decision" is null))
);
--> statement-breakpoint
ALTER TABLE "studies" ADD COLUMN "round_id" uuid;--> statement-breakpoint
ALTER TABLE "launches" ADD CONSTRAINT "launches_study_id_studies_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."studies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "launches" ADD CONSTRAINT "launches_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "launches" ADD CONSTRAINT "launches_configuration_id_configurations_id_fk" FOREIGN KEY ("configuration_id") REFERENCES "public"."configurations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "launches" ADD CONSTRAINT "launches_baseline_id_configurations_id_fk" FOREIGN KEY ("baseline_id") REFERENCES "public"."configurations"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "launches_study_index" ON "launches" USING btree ("study_id");--> statement-breakpoint
ALTER TABLE "studies" ADD CONSTRAINT "studies_round_id_rounds_id_fk" FOREIGN KEY ("round_id") REFERENCES "public"."rounds"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "events_change_index" ON "events" USING btree ("study_id","sequence") WHERE "events"."type" not in ('measurement', 'checkpoint');