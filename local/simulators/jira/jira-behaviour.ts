import type { Choices } from "../http/behaviour.ts";

/** How the simulated Jira behaves where sites differ, or on a bad day. Change the fields at any time. */
export interface JiraBehaviour {
  /** Searches do not show an issue until so long after it was created. */
  searchLagMs: number;
  /** Edits and transitions are refused with 409, as where somebody else saves the same issue. */
  conflictOnWrite: boolean;
  /** In a service project the mark of an internal comment is not heeded. */
  ignoresInternalMark: boolean;
  /** A sign-in that fails is answered as to a stranger: searches find nothing, with 200. */
  answersStrangers: boolean;
  /** 0 for no limit. Writes of one issue in `writeWindowS`, and comments on one. */
  writesPerIssue: number;
  writeWindowS: number;
  commentsPerIssue: number;
  /** What the account may do, comma separated. */
  permissions: string;
  /** Keys of projects that the account may not see, comma separated: what is moved there is gone for it. */
  hiddenProjects: string;
}

export const JIRA_CHOICES = {} as const satisfies Choices;

export function defaultJiraBehaviour(): JiraBehaviour {
  return {
    searchLagMs: 0,
    conflictOnWrite: false,
    ignoresInternalMark: false,
    answersStrangers: false,
    writesPerIssue: 0,
    writeWindowS: 10,
    commentsPerIssue: 5_000,
    permissions: "BROWSE_PROJECTS,CREATE_ISSUES,EDIT_ISSUES,TRANSITION_ISSUES,ADD_COMMENTS,LINK_ISSUES",
    hiddenProjects: "",
  };
}
