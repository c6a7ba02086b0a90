import { type Call, jsonReply, type Reply } from "../http/message.ts";
import { offenseFilter } from "./offense-filter.ts";
import type { QRadarContext } from "./qradar-context.ts";
import { notFound, qradarError, rangeReply } from "./qradar-reply.ts";
import type { Offense } from "./qradar-store.ts";

/** Notes travel in the address, which servers bound. */
const ADDRESS_MAX = 8_000;

export function listOffenses(call: Call, { store, behaviour }: QRadarContext): Reply {
  const filter = call.query.get("filter");
  const refused = behaviour.persistedTimeFilter === "refused" ? ["last_persisted_time"] : [];
  const matches = filter === null ? () => true : offenseFilter(filter, refused);
  if (matches === undefined) return qradarError(422, 1010, `the filter "${filter}" is not valid`);
  const sort = call.query.get("sort");
  if (sort !== null && sort !== "-id" && sort !== "+id")
    return qradarError(422, 1030, "this field cannot be sorted by");
  const rows = [...store.offenses.values()].filter(matches).toSorted((a, b) => b.id - a.id);
  return rangeReply(call, sort === "+id" ? rows.toReversed() : rows);
}

export function answerOffense(call: Call, id: number, rest: string, context: QRadarContext): Reply {
  const offense = context.store.offenses.get(id);
  if (offense === undefined) return notFound(`offense ${id}`);
  if (rest === "/notes") return answerNotes(call, offense, context);
  if (rest !== "") return notFound(call.path);
  if (call.method === "GET") return jsonReply(200, offense);
  return call.method === "POST" ? changeOffense(call, offense, context) : qradarError(405, 1, "not allowed");
}

/** Parameters are read from the query alone. */
function changeOffense(call: Call, offense: Offense, { store, clock }: QRadarContext): Reply {
  const { query } = call;
  const status = query.get("status");
  const followUp = query.get("follow_up");
  if (status !== null && !["OPEN", "HIDDEN", "CLOSED"].includes(status))
    return qradarError(422, 1005, "status is not valid");
  if (offense.status === "CLOSED" && (status !== null || followUp !== null))
    return qradarError(409, 1008, "the request cannot be completed due to the state of the offense");
  if (status === "CLOSED") {
    const reason = store.reasons.find(({ id }) => String(id) === query.get("closing_reason_id"));
    if (reason === undefined || reason.is_deleted || reason.is_reserved)
      return qradarError(422, 1005, "closing_reason_id is required, and must be one that may be used");
    offense.closing_reason_id = reason.id;
    offense.close_time = clock.now();
  }
  if (status !== null) offense.status = status as Offense["status"];
  if (followUp !== null) offense.follow_up = followUp === "true";
  store.touch(offense);
  return jsonReply(200, offense);
}

function answerNotes(call: Call, offense: Offense, { store }: QRadarContext): Reply {
  const notes = store.notes.get(offense.id) ?? [];
  if (call.method === "GET")
    return rangeReply(
      call,
      notes.map((note_text, id) => ({ id, note_text, username: "dex-sync" })),
    );
  const text = call.query.get("note_text");
  if (text === null || text === "") return qradarError(422, 1005, "note_text is required");
  if (`${call.path}?${call.query}`.length > ADDRESS_MAX) return qradarError(414, 1, "the address is too long");
  store.notes.set(offense.id, [...notes, text]);
  store.touch(offense);
  return jsonReply(201, { id: notes.length, note_text: text });
}

export function answerReasons(call: Call, { store }: QRadarContext): Reply {
  if (call.method === "GET")
    return rangeReply(
      call,
      store.reasons.filter(({ is_deleted: isDeleted }) => !isDeleted),
    );
  const text = call.query.get("reason") ?? "";
  if (text.length < 5 || text.length > 60) return qradarError(422, 1005, "a reason has 5 to 60 characters");
  if (store.reasons.some((reason) => reason.text === text)) return qradarError(409, 1004, "it exists already");
  const reason = { id: store.reasons.length + 1, text, is_deleted: false, is_reserved: false };
  store.reasons.push(reason);
  return jsonReply(201, reason);
}
