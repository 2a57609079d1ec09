/** The states of a study and the phases of tuning. */

/**
 * RUNNING: trials may be claimed. PAUSED: none is claimed until it is resumed. COMPLETED: the budget is spent; a larger
 * budget makes it RUNNING again. CANCELLED: ended by a person; what was measured is kept.
 */
export const STUDY_STATES = ['RUNNING', 'PAUSED', 'COMPLETED', 'CANCELLED'] as const;
export type StudyState = (typeof STUDY_STATES)[number];

/** Explore: quasi-random search for insight. Exploit: search for the best value. */
export const PHASES = ['explore', 'exploit'] as const;
export type Phase = (typeof PHASES)[number];

/** What an entry of a study's event log says changed. */
export const EVENT_TYPES = [
  'study-created',
  'study-changed',
  'configuration-created',
  'trial-changed',
  'measurement',
  'evaluation',
  'checkpoint',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
