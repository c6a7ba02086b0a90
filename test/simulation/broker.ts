import { RetryableError } from "../../shared/errors.ts";
import type { Bus, OutgoingMessage } from "../../shared/pipeline/ports/bus.ts";
import type { Life } from "./life.ts";
import type { FaultPlan } from "./plan.ts";
import type { Prng } from "./prng.ts";
import type { Timeline } from "./timeline.ts";
import type { Trace } from "./trace.ts";

export interface Broker {
  readonly bus: Bus;
  /** Messages of lanes that nobody has completed, those due later included. */
  waiting(): number;
  inHand(): number;
  /** Delivered ten times and given up on. */
  readonly deadLetters: readonly Message[];
  /** A copy of a copy of a copy, long past what any waiting takes. */
  busyLoop(): string | undefined;
  /** A life is up: what waits is delivered. */
  wake(): void;
  /** What this life held is free again once its locks have ended. */
  release(life: Life): void;
  /** Everything it holds is gone, and what it remembers of ids. */
  lose(): void;
  /** The next message of this queue is given up instead of delivered. */
  giveUpNext(queue: string): void;
  /** Those that ever had a message. */
  sessionsOf(queue: string): readonly string[];
}

export interface Message {
  readonly id: string;
  readonly queue: string;
  readonly session: string | undefined;
  readonly text: string;
  readonly expiresAt: number;
  deliveries: number;
  /** It was lost with the bus. */
  isGone: boolean;
}

interface Delivery {
  readonly message: Message;
  readonly life: Life;
  /** The broker no longer believes that this receiver has it. */
  isLost: boolean;
}

interface Queue {
  readonly random: Prng;
  readonly ready: Message[];
  readonly sessions: Map<string, Delivery>;
  readonly known: Set<string>;
  toGiveUp: number;
}

const MOST_DELIVERIES = 10;
const DUPLICATE_WINDOW_MS = 10 * 60_000;
const LOCK_MS = 60_000;
/** Six hours in which a handover is tried every two minutes are 180 copies; a second outage may follow. */
const MOST_COPIES = 400;
/** From a message's time to its delivery. */
const LEAST_MS = 10;
const POLLS = "poll-requests";

/** Service Bus as the product meets it: sessions in order, messages scheduled, repeats of an id dropped, each delivered at least once. */
export function createBroker(world: {
  readonly plan: FaultPlan;
  /** By queue. */
  randomOf(queue: string): Prng;
  readonly timeline: Timeline;
  readonly trace: Trace;
  lives(): readonly Life[];
  isCalm(): boolean;
  onSent?(queue: string, body: unknown): void;
  /** What was given up is taken away by somebody; else it stays. */
  onDeadLetter?(message: Message, taken: () => void): void;
}): Broker {
  const { plan, timeline, trace } = world;
  const queues = new Map<string, Queue>();
  const met = new Map<string, number>();
  const inHand = new Set<Delivery>();
  const held = new Set<Message>();
  const deadLetters: Message[] = [];
  let waiting = 0;
  let busyLoop: string | undefined;

  return {
    bus: { send },
    waiting: () => waiting,
    inHand: () => inHand.size,
    deadLetters,
    busyLoop: () => busyLoop,
    wake: () => {
      for (const queue of queues.values()) pump(queue);
    },
    release(life) {
      for (const delivery of inHand) {
        if (delivery.life !== life) continue;
        inHand.delete(delivery);
        delivery.isLost = true;
        timeline.after(world.randomOf(delivery.message.queue).between(0, LOCK_MS), () => giveBack(delivery));
      }
    },
    lose() {
      for (const message of held) message.isGone = true;
      for (const delivery of inHand) delivery.isLost = true;
      for (const queue of queues.values()) {
        queue.ready.length = 0;
        queue.sessions.clear();
      }
      held.clear();
      met.clear();
      deadLetters.length = 0;
      waiting = 0;
    },
    giveUpNext(name) {
      queueOf(name).toGiveUp += 1;
    },
    sessionsOf: (name) => [...queueOf(name).known],
  };

  async function send(name: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const random = world.randomOf(name);
    const fails = !world.isCalm() && random.chance(plan.sendFails);
    const accepted = fails ? messages.slice(0, random.int(messages.length + 1)) : messages;
    for (const message of accepted) accept(name, message);
    if (!fails) return;
    trace.fault(accepted.length > 0 ? "send done unseen" : "send failed");
    throw new RetryableError("unavailable", `${name} did not answer`, { mayHaveHappened: accepted.length > 0 });
  }

  function accept(name: string, outgoing: OutgoingMessage): void {
    const key = `${name}:${outgoing.messageId}`;
    const before = met.get(key);
    if (before !== undefined && timeline.now() - before < DUPLICATE_WINDOW_MS) return;
    met.set(key, timeline.now());
    world.onSent?.(name, outgoing.body);
    const dueAt = Math.max(timeline.now(), outgoing.scheduledAt ?? 0);
    const message: Message = {
      id: outgoing.messageId,
      queue: name,
      session: outgoing.sessionId,
      text: JSON.stringify(outgoing.body),
      expiresAt: dueAt + (outgoing.timeToLiveMs ?? Number.POSITIVE_INFINITY),
      deliveries: 0,
      isGone: false,
    };
    if (((outgoing.body as { readonly n?: number }).n ?? 0) > MOST_COPIES) busyLoop ??= message.text;
    if (name !== POLLS) waiting += 1;
    held.add(message);
    const queue = queueOf(name);
    if (message.session !== undefined) queue.known.add(message.session);
    // Sessions overtake one another; within a session the order is that of the broker.
    timeline.at(dueAt + LEAST_MS, () => {
      if (message.isGone) return;
      queue.ready.push(message);
      timeline.after(queue.random.between(0, 30), () => pump(queue));
    });
  }

  function queueOf(name: string): Queue {
    const known = queues.get(name) ?? {
      random: world.randomOf(name),
      ready: [],
      sessions: new Map<string, Delivery>(),
      known: new Set<string>(),
      toGiveUp: 0,
    };
    queues.set(name, known);
    return known;
  }

  function pump(queue: Queue): void {
    for (let index = 0; index < queue.ready.length;) {
      const message = queue.ready[index];
      const lives = world.lives().filter((life) => life.isUp());
      const [first, ...others] = lives;
      if (message === undefined || first === undefined) return;
      if (message.expiresAt <= timeline.now()) {
        queue.ready.splice(index, 1);
        done(message);
      } else if (message.session !== undefined && queue.sessions.has(message.session)) {
        index += 1;
      } else if (queue.toGiveUp > 0 && !world.isCalm()) {
        queue.toGiveUp -= 1;
        queue.ready.splice(index, 1);
        giveUp(message);
      } else {
        queue.ready.splice(index, 1);
        deliver(queue, message, queue.random.pick([first, ...others]));
      }
    }
  }

  function deliver(queue: Queue, message: Message, life: Life): void {
    const { random } = queue;
    const delivery: Delivery = { message, life, isLost: false };
    message.deliveries += 1;
    inHand.add(delivery);
    if (message.session !== undefined) queue.sessions.set(message.session, delivery);
    trace.note("bus", `${message.queue} ${message.session ?? ""} #${message.deliveries} ${message.text}`);
    life.handle(message.queue, JSON.parse(message.text)).then(
      () => settle(delivery, true),
      (error: unknown) => {
        trace.note("bus", `handler threw ${String(error)}`);
        settle(delivery, false);
      },
    );
    if (!world.isCalm() && random.chance(plan.lockLost)) {
      timeline.after(random.between(0, random.pick([200, 2_000, 30_000])), () => {
        if (!inHand.has(delivery) || delivery.isLost) return;
        trace.fault("lock lost");
        delivery.isLost = true;
        giveBack(delivery);
      });
    }
  }

  function settle(delivery: Delivery, isDone: boolean): void {
    inHand.delete(delivery);
    if (delivery.isLost) return;
    const { random } = queueOf(delivery.message.queue);
    if (isDone && !world.isCalm() && random.chance(plan.redelivered)) {
      trace.fault("delivered again");
      giveBack(delivery);
      return;
    }
    if (!isDone) {
      giveBack(delivery);
      return;
    }
    done(delivery.message);
    free(delivery);
  }

  function done(message: Message): void {
    held.delete(message);
    if (message.queue !== POLLS) waiting -= 1;
  }

  function giveUp(message: Message): void {
    trace.fault("dead letter");
    done(message);
    deadLetters.push(message);
    world.onDeadLetter?.(message, () => {
      const index = deadLetters.indexOf(message);
      if (index >= 0) deadLetters.splice(index, 1);
    });
  }

  function giveBack(delivery: Delivery): void {
    const { message } = delivery;
    if (message.isGone) return;
    if (message.deliveries >= MOST_DELIVERIES) {
      giveUp(message);
    } else {
      queueOf(message.queue).ready.unshift(message);
    }
    free(delivery);
  }

  function free(delivery: Delivery): void {
    const { session, queue: name } = delivery.message;
    const queue = queueOf(name);
    if (session !== undefined && queue.sessions.get(session) === delivery) queue.sessions.delete(session);
    timeline.after(queue.random.between(0, 20), () => pump(queue));
  }
}
