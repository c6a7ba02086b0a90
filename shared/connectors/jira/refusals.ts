import { PermanentError, RetryableError } from "../../errors.ts";
import type { HttpResponse } from "../../http/request.ts";
import { toolMessage } from "../../http/tool-message.ts";

/** Jira answers as if nobody had signed in where a sign-in failed: with nothing found, or with 403 after too many attempts. */
const FAILED_SIGN_IN = /AUTHENTICATED_FAILED|AUTHENTICATION_DENIED/i;

/** Throws where the answer is not this account's: then nothing in it is believed. */
export function checkSignIn(response: HttpResponse, mayHaveHappened: boolean): void {
  const reason = response.headers.get("x-seraph-loginreason") ?? "";
  if (!FAILED_SIGN_IN.test(reason)) return;
  throw new RetryableError(
    "unauthorized",
    "Jira answered as to a stranger, for it refused the sign-in: check user and token; where too many attempts failed, an administrator lifts the CAPTCHA",
    { mayHaveHappened },
  );
}

/** A look-up that is refused is never "nothing found": the project, the account's rights or the deployment are set wrong. */
export function lookUpRefused(response: HttpResponse, project: string): RetryableError {
  return new RetryableError(
    "unauthorized",
    `Jira refused to look for issues (${response.status}${toolMessage(response.text)}): check project ("${project}") and flavor in the configuration, and that the account may browse the project`,
  );
}

export function readRefused(response: HttpResponse): RetryableError {
  return new RetryableError(
    "unauthorized",
    `Jira does not let this account read (${response.status}${toolMessage(response.text)}): give it the permission Browse Projects`,
  );
}

/** What a refused write of one issue becomes; undefined where it was accepted. */
export function writeRefusal(response: HttpResponse): PermanentError | RetryableError | undefined {
  const said = toolMessage(response.text);
  switch (response.status) {
    case 400:
    case 422:
      return new PermanentError("rejected", `Jira refused what was written (${response.status}${said})`, {
        mend: "where it names a required field, give it in mapping.fields (new issues) or mapping.transitionFields (transitions); where it names a priority, a resolution or a field that cannot be set, correct the mapping or put the field on the project's screens; then replay this work",
      });
    case 403:
      return new PermanentError("rejected", `Jira forbade the write (403${said})`, {
        mend: "give the account the permissions Create, Edit, Transition and Link Issues and Add Comments in the project; then replay this work",
      });
    case 404:
      return new PermanentError(
        "notFound",
        `Jira does not find it (404${said}): deleted, or hidden from this account`,
        {
          mend: "restore the issue or its visibility, then replay this work",
        },
      );
    case 409:
      return new RetryableError("conflict", `Jira was writing this issue for somebody else (409${said})`);
    case 413:
      return new PermanentError("tooLarge", `Jira takes no more of this kind on the issue (413${said})`, {
        mend: "remove comments or links from the issue, or have the limit of Jira raised; then replay this work",
      });
    default:
      return undefined;
  }
}

/** Statuses of a write that are looked at here. */
export const WRITE_REFUSALS = [400, 403, 404, 409, 413, 422] as const;
