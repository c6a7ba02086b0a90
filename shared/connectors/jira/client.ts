import { PermanentError, RetryableError } from "../../errors.ts";
import type { Http, HttpRequest, HttpResponse } from "../../http/request.ts";
import { type SchemaCheck, loadSchemaCheck } from "../../schema-check.ts";
import { PROPERTY } from "./label.ts";
import { WRITE_REFUSALS, checkSignIn, lookUpRefused, readRefused, writeRefusal } from "./refusals.ts";
import {
  CommentSchema,
  CommentsSchema,
  CreatedSchema,
  IssueSchema,
  PermissionsSchema,
  RemoteLinkSchema,
  SamplesSchema,
  SearchSchema,
  type Shape,
  TransitionsSchema,
  type ValueOf,
  type WireIssue,
  type WireSample,
  type WireTransition,
} from "./schema.ts";

/** Issues, in Jira's own words. Source: Jira Cloud platform REST API v3, Jira Data Center REST API v2. */
export interface JiraClient {
  /** Issues with exactly this label, the oldest first: of the project, and of any other that people moved one to. */
  findByLabel(label: string, signal: AbortSignal): Promise<readonly WireIssue[]>;
  /** The newest issue of this type that is in this status, both by id. */
  newestIn(typeId: string, statusId: string, signal: AbortSignal): Promise<WireSample | undefined>;
  /** Undefined where there is no such issue, or none this account may see. */
  get(id: string, signal: AbortSignal): Promise<WireIssue | undefined>;
  create(body: unknown, signal: AbortSignal): Promise<{ readonly id: string; readonly key: string }>;
  edit(id: string, body: unknown, signal: AbortSignal): Promise<void>;
  transitions(id: string, signal: AbortSignal): Promise<readonly WireTransition[]>;
  transition(id: string, body: unknown, signal: AbortSignal): Promise<void>;
  comment(
    id: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<{ readonly id: string; readonly jsdPublic?: boolean }>;
  deleteComment(id: string, commentId: string, signal: AbortSignal): Promise<void>;
  /** Bodies of all comments; undefined where there are more than are read. */
  comments(id: string, signal: AbortSignal): Promise<readonly unknown[] | undefined>;
  putProperty(id: string, value: unknown, signal: AbortSignal): Promise<void>;
  putRemoteLink(id: string, body: unknown, signal: AbortSignal): Promise<void>;
  /** The address that the remote link of this `globalId` leads to. */
  remoteLinkUrl(id: string, globalId: string, signal: AbortSignal): Promise<string | undefined>;
  linkIssues(body: unknown, signal: AbortSignal): Promise<void>;
  mayTransition(id: string, signal: AbortSignal): Promise<boolean>;
  /** Anything else that is read, for checking the configuration; undefined where there is none. */
  read<S extends Shape>(path: string, schema: S, signal: AbortSignal): Promise<ValueOf<S> | undefined>;
  /** The same of Jira Service Management's API. */
  readDesk<S extends Shape>(path: string, schema: S, signal: AbortSignal): Promise<ValueOf<S> | undefined>;
}

export type JiraFlavor = "cloud" | "dataCenter";

const TIMEOUT_MS = 30_000;
const FIELDS = "summary,description,labels,priority,status,resolution,subtasks,issuelinks";
const SAFE_LABEL = /^[A-Za-z0-9_-]{1,255}$/;
const ISSUE_ID = /^[A-Za-z0-9-]{1,64}$/;
const SAME_LABEL_MAX = "20";
const COMMENT_PAGE = 1_000;
const COMMENT_PAGES = 6;

export function createJiraClient(options: {
  readonly url: string;
  readonly flavor: JiraFlavor;
  readonly project: string;
  readonly authorization: string;
  readonly http: Http;
}): JiraClient {
  const api = `${options.url}/rest/api/${options.flavor === "cloud" ? "3" : "2"}`;
  const checks = new Map<Shape, Promise<SchemaCheck<unknown>>>();

  return {
    async findByLabel(label, signal) {
      if (!SAFE_LABEL.test(label))
        throw new PermanentError("malformed", "a label has characters that a query could mistake");
      const query = {
        // Every project, and yet refused where this one is not there or hidden: a name that Jira does not know is an error in any condition.
        jql: `labels = "${label}" AND (project = "${options.project}" OR project != "${options.project}") ORDER BY created ASC`,
        fields: FIELDS,
        properties: PROPERTY,
        maxResults: SAME_LABEL_MAX,
      };
      const { issues } = await search(query, SearchSchema, signal);
      return issues.filter(({ fields }) => fields.labels?.includes(label) === true);
    },
    async newestIn(typeId, statusId, signal) {
      const jql = `project = "${options.project}" AND issuetype = ${checkedNumber(typeId)} AND status = ${checkedNumber(statusId)} ORDER BY created DESC`;
      const { issues } = await search({ jql, fields: "status", maxResults: "1" }, SamplesSchema, signal);
      return issues[0];
    },
    async get(id, signal) {
      const query = new URLSearchParams({ fields: FIELDS, properties: PROPERTY });
      return read(`issue/${checkedId(id)}?${query}`, IssueSchema, signal);
    },
    async create(body, signal) {
      return trusted(await write("POST", "issue", body, signal), CreatedSchema, true);
    },
    async edit(id, body, signal) {
      await write("PUT", `issue/${checkedId(id)}`, body, signal);
    },
    async transitions(id, signal) {
      const path = `issue/${checkedId(id)}/transitions?expand=transitions.fields`;
      return (await read(path, TransitionsSchema, signal))?.transitions ?? [];
    },
    async transition(id, body, signal) {
      await write("POST", `issue/${checkedId(id)}/transitions`, body, signal);
    },
    async comment(id, body, signal) {
      return trusted(await write("POST", `issue/${checkedId(id)}/comment`, body, signal), CommentSchema, true);
    },
    async deleteComment(id, commentId, signal) {
      await write("DELETE", `issue/${checkedId(id)}/comment/${checkedId(commentId)}`, undefined, signal);
    },
    async comments(id, signal) {
      const bodies: unknown[] = [];
      for (let page = 0; page < COMMENT_PAGES; page += 1) {
        const query = new URLSearchParams({ startAt: String(bodies.length), maxResults: String(COMMENT_PAGE) });
        const answer = await read(`issue/${checkedId(id)}/comment?${query}`, CommentsSchema, signal);
        const rows = answer?.comments ?? [];
        bodies.push(...rows.map(({ body }) => body));
        if (rows.length === 0 || bodies.length >= (answer?.total ?? 0)) return bodies;
      }
      return undefined;
    },
    async putProperty(id, value, signal) {
      await write("PUT", `issue/${checkedId(id)}/properties/${PROPERTY}`, value, signal);
    },
    async putRemoteLink(id, body, signal) {
      await write("POST", `issue/${checkedId(id)}/remotelink`, body, signal);
    },
    async remoteLinkUrl(id, globalId, signal) {
      const query = new URLSearchParams({ globalId });
      const link = await read(`issue/${checkedId(id)}/remotelink?${query}`, RemoteLinkSchema, signal);
      return link?.object.url;
    },
    async linkIssues(body, signal) {
      await write("POST", "issueLink", body, signal);
    },
    async mayTransition(id, signal) {
      const query = new URLSearchParams({ issueId: checkedId(id), permissions: "TRANSITION_ISSUES" });
      const answer = await read(`mypermissions?${query}`, PermissionsSchema, signal);
      return answer?.permissions["TRANSITION_ISSUES"]?.havePermission === true;
    },
    read,
    readDesk: (path, schema, signal) => readAt(`${options.url}/rest/servicedeskapi/${path}`, schema, signal),
  };

  async function search<S extends Shape>(
    query: Readonly<Record<string, string>>,
    schema: S,
    signal: AbortSignal,
  ): Promise<ValueOf<S>> {
    const path = options.flavor === "cloud" ? "search/jql" : "search";
    const response = await send(
      { method: "GET", url: `${api}/${path}?${new URLSearchParams(query)}` },
      [400, 403, 404, 410],
      signal,
    );
    if (response.status >= 400) throw lookUpRefused(response, options.project);
    return trusted(response, schema, false);
  }

  async function read<S extends Shape>(path: string, schema: S, signal: AbortSignal): Promise<ValueOf<S> | undefined> {
    return readAt(`${api}/${path}`, schema, signal);
  }

  async function readAt<S extends Shape>(url: string, schema: S, signal: AbortSignal): Promise<ValueOf<S> | undefined> {
    const response = await send({ method: "GET", url }, [403, 404], signal);
    if (response.status === 403) throw readRefused(response);
    return response.status === 404 ? undefined : trusted(response, schema, false);
  }

  async function write(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body: unknown,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await send({ method, url: `${api}/${path}`, ...sent }, WRITE_REFUSALS, signal);
    const refusal = writeRefusal(response);
    if (refusal !== undefined) throw refusal;
    return response;
  }

  async function send(
    request: Pick<HttpRequest, "method" | "url" | "body">,
    expect: readonly number[],
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const type = request.body === undefined ? {} : { "content-type": "application/json" };
    const response = await options.http.send({
      ...request,
      headers: { authorization: options.authorization, ...type },
      signal,
      timeoutMs: TIMEOUT_MS,
      accept: "json",
      expect,
      names: "Jira",
    });
    checkSignIn(response, request.method !== "GET");
    return response;
  }

  async function trusted<S extends Shape>(
    response: HttpResponse,
    schema: S,
    mayHaveHappened: boolean,
  ): Promise<ValueOf<S>> {
    const loading = checks.get(schema) ?? loadSchemaCheck(schema);
    checks.set(schema, loading);
    const checked = (await loading)(response.json());
    if ("value" in checked) return checked.value as ValueOf<S>;
    const problems = checked.problems.join("; ").slice(0, 300);
    throw new RetryableError("unreadable", `Jira's answer has another shape (${problems})`, { mayHaveHappened });
  }
}

function checkedNumber(id: string): string {
  if (/^\d{1,20}$/.test(id)) return id;
  throw new PermanentError("malformed", "the id of an issue type or status is not a number");
}

function checkedId(id: string): string {
  if (ISSUE_ID.test(id)) return id;
  throw new PermanentError("malformed", "the id of an issue or comment has characters that do not belong there");
}
