/** The whole schema. */
import { builder } from './builder.ts';
import { describeConventions } from './describe-conventions.ts';
import './ask-and-tell.ts';
import './configuration-mutations.ts';
import './create-study.ts';
import './decision-mutations.ts';
import './evaluate-test.ts';
import './import-dataset.ts';
import './api-token-type.ts';
import './study-findings.ts';
import './study-mutations.ts';
import './slot-updates.ts';
import './subscriptions.ts';
import './trial-connection.ts';
import './trial-log.ts';
import './analysis-type.ts';
import './configuration-type.ts';
import './curve-type.ts';
import './dataset-type.ts';
import './diagnosis-type.ts';
import './evaluation-type.ts';
import './fleet-types.ts';
import './measurement-type.ts';
import './model-type.ts';
import './round-types.ts';
import './trial-fields.ts';

export const schema = describeConventions(builder.toSchema());
