CREATE TABLE "analyses" (
	"study_id" uuid PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"version" text NOT NULL,
	"report" json NOT NULL,
	"computed_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "analyses" ADD CONSTRAINT "analyses_study_id_studies_id_fk" FOREIGN KEY ("study_id") REFERENCES "public"."studies"("id") ON DELETE cascade ON UPDATE no action;