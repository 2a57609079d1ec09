CREATE TABLE "agents" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"heartbeat_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"stopped_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "checkpoints" (
	"trial_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"step" bigint NOT NULL,
	"path" text NOT NULL,
	"sha256" text,
	"size_bytes" bigint,
	"value" double precision,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "checkpoints_trial_kind_step_key" PRIMARY KEY("trial_id","kind","step"),
	CONSTRAINT "checkpoints_kind_known" CHECK ("checkpoints"."kind" in ('best', 'resume'))
);
--> statement-breakpoint
CREATE TABLE "configurations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"values" jsonb NOT NULL,
	"space_version" integer NOT NULL,
	"sampler_note" jsonb NOT NULL,
	"objective" double precision,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "configurations_study_number_unique" UNIQUE("study_id","number"),
	CONSTRAINT "configurations_number_not_negative" CHECK ("configurations"."number" >= 0)
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"content_hash" text NOT NULL,
	"spec_hash" text NOT NULL,
	"spec" jsonb NOT NULL,
	"split_hash" text,
	"summary" jsonb NOT NULL,
	"baselines" jsonb,
	"is_synthetic" boolean NOT NULL,
	"is_leaking" boolean NOT NULL,
	"imported_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "datasets_content_spec_key" PRIMARY KEY("content_hash","spec_hash")
);
--> statement-breakpoint
CREATE TABLE "evaluations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"trial_id" uuid NOT NULL,
	"split" text NOT NULL,
	"step" bigint NOT NULL,
	"confusion_matrix" jsonb NOT NULL,
	"per_subject" jsonb NOT NULL,
	"reason" text,
	"evaluated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "evaluations_split_known" CHECK ("evaluations"."split" in ('validation', 'test')),
	CONSTRAINT "evaluations_test_has_reason" CHECK ("evaluations"."split" <> 'test' or "evaluations"."reason" is not null)
);
--> statement-breakpoint
CREATE TABLE "events" (
	"study_id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"type" text NOT NULL,
	"trial_id" uuid,
	"step" bigint,
	"detail" jsonb NOT NULL,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "events_study_sequence_key" PRIMARY KEY("study_id","sequence"),
	CONSTRAINT "events_type_known" CHECK ("events"."type" in ('study-created', 'study-changed', 'configuration-created', 'trial-changed', 'measurement', 'evaluation', 'checkpoint'))
);
--> statement-breakpoint
CREATE TABLE "measurements" (
	"trial_id" uuid NOT NULL,
	"step" bigint NOT NULL,
	"epoch" double precision NOT NULL,
	"values" double precision[] NOT NULL,
	"detail" jsonb,
	"recorded_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "measurements_trial_step_key" PRIMARY KEY("trial_id","step"),
	CONSTRAINT "measurements_step_not_negative" CHECK ("measurements"."step" >= 0)
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"agent_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"device" text NOT NULL,
	CONSTRAINT "slots_agent_position_unique" UNIQUE("agent_id","position")
);
--> statement-breakpoint
CREATE TABLE "studies" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"goal" text NOT NULL,
	"phase" text NOT NULL,
	"state" text DEFAULT 'RUNNING' NOT NULL,
	"data" jsonb NOT NULL,
	"split_hash" text,
	"model" text NOT NULL,
	"trainer" jsonb NOT NULL,
	"space" jsonb NOT NULL,
	"metrics" jsonb NOT NULL,
	"objective" jsonb NOT NULL,
	"sampler" text NOT NULL,
	"pruner" text,
	"budget" jsonb NOT NULL,
	"parallelism" integer,
	"keep_best" integer NOT NULL,
	"seed" bigint NOT NULL,
	"shuffle_labels_seed" bigint,
	"event_sequence" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "studies_name_unique" UNIQUE("name"),
	CONSTRAINT "studies_phase_known" CHECK ("studies"."phase" in ('explore', 'exploit')),
	CONSTRAINT "studies_state_known" CHECK ("studies"."state" in ('RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED')),
	CONSTRAINT "studies_keep_best_positive" CHECK ("studies"."keep_best" >= 1),
	CONSTRAINT "studies_parallelism_positive" CHECK ("studies"."parallelism" >= 1),
	CONSTRAINT "studies_budget_positive" CHECK (("studies"."budget" ->> 'trials')::bigint >= 1)
);
--> statement-breakpoint
CREATE TABLE "trials" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"study_id" uuid NOT NULL,
	"configuration_id" uuid NOT NULL,
	"replicate" integer NOT NULL,
	"seed" bigint NOT NULL,
	"fold" integer NOT NULL,
	"state" text DEFAULT 'QUEUED' NOT NULL,
	"reason_code" text,
	"reason" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"fencing_token" integer DEFAULT 0 NOT NULL,
	"agent_id" uuid,
	"slot_id" uuid,
	"device" text,
	"fingerprint" jsonb,
	"runtime" jsonb,
	"weight_count" bigint,
	"total_steps" bigint,
	"total_epochs" double precision,
	"last_step" bigint,
	"resumable_step" bigint,
	"best_step" bigint,
	"best_value" double precision,
	"earlier_running_ms" bigint DEFAULT 0 NOT NULL,
	"queued_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"heartbeat_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	CONSTRAINT "trials_configuration_replicate_unique" UNIQUE("configuration_id","replicate"),
	CONSTRAINT "trials_state_known" CHECK ("trials"."state" in ('QUEUED', 'RUNNING', 'COMPLETED', 'PRUNED', 'INFEASIBLE', 'FAILED', 'CANCELLED')),
	CONSTRAINT "trials_counts_not_negative" CHECK ("trials"."replicate" >= 0 and "trials"."fold" >= 0 and "trials"."attempts" >= 0),
	CONSTRAINT "trials_finished_has_time" CHECK (("trials"."state" in ('QUEUED', 'RUNNING')) = ("trials"."finished_at" is null)),
	CONSTRAINT "trials_running_has_start" CHECK ("trials"."state" <> 'RUNNING' or "trials"."started_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "checkpoints" ADD CONSTRAINT "checkpoints_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "configurations" ADD CONSTRAINT "configurations_study_id_studies_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."studies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evaluations" ADD CONSTRAINT "evaluations_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "events" ADD CONSTRAINT "events_study_id_studies_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."studies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "measurements" ADD CONSTRAINT "measurements_trial_id_trials_id_fk" FOREIGN KEY ("trial_id") REFERENCES "public"."trials"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slots" ADD CONSTRAINT "slots_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_study_id_studies_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."studies"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_configuration_id_configurations_id_fk" FOREIGN KEY ("configuration_id") REFERENCES "public"."configurations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_agent_id_agents_id_fk" FOREIGN KEY ("agent_id") REFERENCES "public"."agents"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "trials" ADD CONSTRAINT "trials_slot_id_slots_id_fk" FOREIGN KEY ("slot_id") REFERENCES "public"."slots"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "evaluations_validation_unique" ON "evaluations" USING btree ("trial_id") WHERE "evaluations"."split" = 'validation';--> statement-breakpoint
CREATE INDEX "evaluations_trial_index" ON "evaluations" USING btree ("trial_id");--> statement-breakpoint
CREATE INDEX "trials_study_state_index" ON "trials" USING btree ("study_id","state");