/** The studies of a home that an API has open, asked over GraphQL. */
import { InputError, type StudyState } from '@kinetune/study';
import type { Findings } from '../../findings/findings.ts';
import type { WrittenReport } from '../../report/written-report.ts';
import type { RefinedStudy } from '../../studies/refine-study.ts';
import type { StudyFiles } from '../../studies/study-files.ts';
import { unknownStudy } from '../../studies/study-named.ts';
import type { ApiClient } from '../api-client.ts';
import { dateOf, endsOf, listedStudy, spaceOf, type AskedSpace, type StudyPage } from './read-answers.ts';
import type { Decided, ListedStudy, StudyDesk, StudyRemains } from './study-desk.ts';

const LIST = `query ($after: String) { studies(first: 100, after: $after, isArchived: null, order: { by: CREATED_AT }) {
  pageInfo { hasNextPage endCursor }
  edges { node { name state archivedAt goal model data budget trialCounts { state count } createdAt } }
} }`;
const FINDINGS = 'query ($name: String!) { study(name: $name) { findings } }';
const REPORT = `query ($name: String, $baseline: Int) { report(name: $name, baseline: $baseline) {
  ... on Refusal { code message } ... on WrittenReport { name markdown report }
} }`;
const REFINE = `query ($name: String!, $override: String, $trials: Int) { study(name: $name) {
  refined(override: $override, trials: $trials) { ... on Refusal { code message } ... on RefinedStudy { yaml override check } }
} }`;
const SPACE_FIELDS =
  'version hyperparameters { name domain { ... on Range { isWhole minimum maximum scale step } ... on Choices { choices } } }';
const SPACE = `query ($name: String!) { study(name: $name) { space { ${SPACE_FIELDS} } } }`;
const ID = 'query ($name: String!) { study(name: $name) { id budget } }';
const REPLICATE = `mutation ($input: ReplicateConfigurationInput!) { replicateConfiguration(input: $input) {
  ... on Refusal { code message } ... on QueuedTrials { trials { number seed fold } }
} }`;
const WIDEN = `mutation ($input: WidenSpaceInput!) { widenSpace(input: $input) {
  ... on Refusal { code message } ... on WidenedSpace { changes firstConfiguration study { budget space { ${SPACE_FIELDS} } } }
} }`;
const OVERRIDE = `mutation ($input: OverrideQuestionInput!) { overrideQuestion(input: $input) {
  ... on Refusal { code message } ... on JudgedStudy { isLocked lockedBy study { overrides { question by } } }
} }`;
const EXTEND = `mutation ($input: ExtendStudyBudgetInput!) { extendStudyBudget(input: $input) {
  ... on Refusal { code message } ... on Study { budget state }
} }`;
const DECISION_FIELDS =
  '... on Refusal { code message } ... on AdoptionDecision { decision reason decidedBy decidedAt evidence }';
const MEASURE = `query ($name: String!) { study(name: $name) { trialCounts { count } files { checkpoints bytes } } }`;
const DELETE = `mutation ($input: DeleteStudyInput!) { deleteStudy(input: $input) {
  ... on Refusal { code message } ... on DeletedStudy { trials checkpoints freedBytes }
} }`;
const CONCLUDE = `mutation ($input: ConcludeStudyInput!) { concludeStudy(input: $input) {
  ... on Refusal { code message } ... on JudgedStudy { caveats study { conclusion } }
} }`;

type OrRefusal<T> = T | { readonly code: string; readonly message: string };

export function askedStudies(api: ApiClient, home: string): StudyDesk {
  /** What the API has of the study of a name. */
  async function ofStudy<T>(
    query: string,
    variables: { readonly name: string; readonly [more: string]: unknown },
  ): Promise<T> {
    const { study } = await api.ask<{ study: T | null }>(query, variables);
    if (study !== null) return study;
    throw unknownStudy(
      variables.name,
      (await list()).map(({ name }) => name),
    );
  }
  /** Runs a mutation on the study of a name. */
  async function change<T>(mutation: string, name: string, input: Readonly<Record<string, unknown>>): Promise<T> {
    const { id: studyId } = await ofStudy<{ id: string }>(ID, { name });
    const answer = await api.ask<Readonly<Record<string, OrRefusal<T>>>>(mutation, { input: { studyId, ...input } });
    return unlessRefused(Object.values(answer)[0] as OrRefusal<T>);
  }
  async function list(): Promise<readonly ListedStudy[]> {
    const listed: ListedStudy[] = [];
    for (let after: string | null = null; ;) {
      const { studies }: { studies: StudyPage } = await api.ask<{ studies: StudyPage }>(LIST, { after });
      listed.push(...studies.edges.map(({ node }) => listedStudy(node)));
      if (!studies.pageInfo.hasNextPage) return listed;
      after = studies.pageInfo.endCursor;
    }
  }
  return {
    home,
    list,
    findings: async (name) => (await ofStudy<{ findings: Findings }>(FINDINGS, { name })).findings,
    async report(request) {
      const { report } = await api.ask<{ report: OrRefusal<WrittenReport> }>(REPORT, { ...request });
      return unlessRefused(report);
    },
    async refine(name, request) {
      return unlessRefused((await ofStudy<{ refined: OrRefusal<RefinedStudy> }>(REFINE, { name, ...request })).refined);
    },
    async replicate(name, { number, seeds }) {
      type Queued = { trials: { number: number; seed: number; fold: number }[] };
      const { trials } = await change<Queued>(REPLICATE, name, { number, seeds });
      const [first] = trials;
      return {
        number: first?.number ?? number ?? 0,
        seeds: [...new Set(trials.map(({ seed }) => seed))],
        folds: [...new Set(trials.map(({ fold }) => fold))],
        queued: trials.length,
      };
    },
    async widen(name, wider) {
      const { space } = await ofStudy<{ space: AskedSpace }>(SPACE, { name });
      const { hyperparameters: domains } = spaceOf(space);
      const hyperparameters = wider.map((one) => {
        const before = domains.find((own) => own.name === one.name)?.domain;
        return { name: one.name, ...(before === undefined ? {} : endsOf(one.domain(before))) };
      });
      type Widened = { changes: string[]; firstConfiguration: number; study: { budget: number; space: AskedSpace } };
      const { study, ...widened } = await change<Widened>(WIDEN, name, { hyperparameters });
      return { ...widened, space: spaceOf(study.space), budgetTrials: study.budget };
    },
    async override(name, { question, reason }) {
      type Judged = { isLocked: boolean; lockedBy: string[]; study: { overrides: { question: string; by: string }[] } };
      const { study, ...judged } = await change<Judged>(OVERRIDE, name, { question, reason });
      return { ...judged, by: study.overrides.findLast((one) => one.question === question)?.by ?? '' };
    },
    async conclude(name, text) {
      type Concluded = { caveats: string[]; study: { conclusion: string } };
      const { caveats, study } = await change<Concluded>(CONCLUDE, name, { conclusion: text });
      return { conclusion: study.conclusion, caveats };
    },
    async decide(name, { decision, by: _, ...input }) {
      type Launched = Pick<Decided, 'decision' | 'reason' | 'evidence'> & { decidedBy: string; decidedAt: string };
      const field = decision === 'adopted' ? 'adoptConfiguration' : 'rejectConfiguration';
      const mutation = `mutation ($input: AdoptionInput!) { ${field}(input: $input) { ${DECISION_FIELDS} } }`;
      const { decidedBy, decidedAt, ...decided } = await change<Launched>(mutation, name, input);
      return { ...decided, by: decidedBy, at: dateOf(decidedAt) };
    },
    async measure(name) {
      type Measured = { trialCounts: { count: number }[]; files: StudyFiles };
      const { trialCounts, files } = await ofStudy<Measured>(MEASURE, { name });
      return { trials: trialCounts.reduce((sum, { count }) => sum + count, 0), ...files };
    },
    async delete(name) {
      type Deleted = Omit<StudyRemains, 'bytes'> & { freedBytes: number };
      const { freedBytes, ...deleted } = await change<Deleted>(DELETE, name, { confirmedName: name });
      return { ...deleted, bytes: freedBytes };
    },
    async change(name, { type, ...input }) {
      const kind = type === 'cancel' ? 'CancelStudyInput' : 'StudyInput';
      const mutation = `mutation ($input: ${kind}!) { ${type}Study(input: $input) { ... on Refusal { code message } ... on Study { state archivedAt } } }`;
      const { state, archivedAt } = await change<{ state: StudyState; archivedAt: string | null }>(
        mutation,
        name,
        input,
      );
      return { state, archivedAt: dateOf(archivedAt) };
    },
    async extend(name, trials) {
      const { budget: before } = await ofStudy<{ budget: number }>(ID, { name });
      const { budget, state } = await change<{ budget: number; state: StudyState }>(EXTEND, name, { trials });
      return { trials: budget, before, state };
    },
    async export(name, parts, deliver) {
      await ofStudy(ID, { name });
      for (const part of parts) {
        const query = new URLSearchParams({ format: part.format, what: part.what }).toString();
        await deliver(api.download(`/exports/${encodeURIComponent(name)}?${query}`), part);
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

function unlessRefused<T>(answer: OrRefusal<T>): T {
  if (typeof answer === 'object' && answer !== null && 'code' in answer && 'message' in answer)
    throw new InputError(answer.code, answer.message);
  return answer;
}
