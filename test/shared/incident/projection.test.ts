import { describe, expect, it } from "vitest";
import { STAGES, type Stage, isClosed } from "../../../shared/incident/lifecycle.ts";
import { STATUS_OF, aProjection } from "../connectors/a-projection.ts";

describe("a reopening", () => {
  it.each(STAGES)("is seen in stage %s only where it is open now, and was closed before", (stage) => {
    const projected = (passed: readonly Stage[]): boolean =>
      aProjection({ status: STATUS_OF[stage] }, [], passed).isReopened;
    expect(projected([])).toBe(false);
    expect(projected(["active", "inProgress", "awaitingCustomerAction", "unrecognised"])).toBe(false);
    expect(projected(["resolved"])).toBe(!isClosed(stage));
    expect(projected(["redirected", "active"])).toBe(!isClosed(stage));
  });
});
