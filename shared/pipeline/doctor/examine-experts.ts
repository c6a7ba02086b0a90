import { revisionFromMs } from "../../incident/revision.ts";
import { type Scope, isWorkOfExperts } from "../../incident/scope.ts";
import type { TenantId } from "../../incident/incident.ts";
import type { Clock } from "../ports/clock.ts";
import type { Source } from "../ports/source.ts";
import type { DoctorFinding } from "./diagnosis.ts";
import { look, well } from "./look.ts";

const DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;
const PAGE = 50;
const MEND =
  'see in the Defender portal (Settings, Defender Experts) that the service is bought and switched on for this tenant; while it is not, no ticket appears, for scope.experts is "only" ("all" takes every incident)';

/** Everything else can be well where the service was never bought, and then no ticket ever comes. Nothing says so at Graph but the incidents themselves. */
export function examineExperts(
  deps: { readonly clock: Clock; readonly source: Source; readonly scope: Scope },
  tenant: TenantId,
): Promise<readonly DoctorFinding[]> {
  const { clock, source, scope } = deps;
  const about = { area: "graph", about: tenant } as const;
  return look(clock, about, "", async (signal) => {
    const from = revisionFromMs(clock.now() - DAYS * DAY_MS);
    const { rows } = await source.listPage({ from, top: PAGE }, signal);
    const incidents = rows.flatMap((row) => (row.kind === "incident" ? [row.incident] : []));
    if (incidents.some((incident) => isWorkOfExperts(incident, scope.assignees))) {
      return [well(about, "the Defender Experts work on incidents here")];
    }
    if (incidents.length > 0) {
      const seen = `of ${incidents.length} incidents of the last ${DAYS} days that were looked at, none shows work of the Defender Experts`;
      return [{ ...about, verdict: "warning", seen, mend: MEND }];
    }
    const seen = `no incident changed in the last ${DAYS} days: whether the Defender Experts work here cannot be told`;
    return [{ ...about, verdict: "notLooked", seen, mend: "" }];
  });
}
