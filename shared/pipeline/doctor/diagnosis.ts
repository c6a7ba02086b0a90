/** What `dex-sync doctor` and `GET /api/doctor` answer. No secret and no incident text is in it. */
export interface Diagnosis {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The worst of all verdicts; what was not looked at makes nothing worse. */
  readonly status: "ok" | "warning" | "error";
  readonly findings: readonly DoctorFinding[];
}

export interface DoctorFinding {
  readonly area: "configuration" | "secrets" | "graph" | "connector" | "tables" | "bus" | "clock";
  /** A tenant's id, a connector's, a place in the configuration, or "". */
  readonly about: string;
  readonly verdict: "ok" | "warning" | "error" | "notLooked";
  /** What was seen, in one sentence. */
  readonly seen: string;
  /** What to do, in one sentence; "" where nothing is to be done. */
  readonly mend: string;
}

/** A secret that the configuration names, as far as it can be judged without being told. */
export interface SecretState {
  /** `connectors.0.auth.secret`. */
  readonly place: string;
  /** The environment variable's name. */
  readonly name: string;
  readonly state: "set" | "missing" | "unresolved" | "unusable";
  /** What is wrong with it, without repeating it. */
  readonly problem?: string;
  /** Of a certificate, milliseconds since 1970. */
  readonly endsAt?: number;
}
