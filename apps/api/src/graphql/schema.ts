/** The whole schema. */
import { builder } from './builder.ts';
import './configuration-mutations.ts';
import './create-study.ts';
import './decision-mutations.ts';
import './study-mutations.ts';
import './slot-updates.ts';
import './subscriptions.ts';
import './trial-connection.ts';
import './trial-log.ts';

export const schema = builder.toSchema();
