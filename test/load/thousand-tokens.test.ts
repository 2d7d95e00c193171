import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

import { Fixture, type Token } from "../provider/support/fixture";
import { heapInUse, TELLING_HEAP } from "../support/heap";

const ACCOUNTS = 10;
const TOKENS = 1_000;
const EARLY = 200;
const KIB = 1024;
/** What a token may leave behind: its name and id in the memory of the run. A token itself has more. */
const KEPT_A_TOKEN = 4 * KIB;

/** Runs the work for each item, as many at a time as Pulumi may run. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!);
    }),
  );
  return results;
}

/** Counts the connections on their way to another server. */
async function startCounter(target: string): Promise<{ url: string; opened: () => number; close(): Promise<void> }> {
  let opened = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    sockets.add(client);
    opened++;
    const upstream = connect(Number(new URL(target).port), "127.0.0.1");
    client
      .on("close", () => {
        sockets.delete(client);
        upstream.destroy();
      })
      .on("error", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    opened: () => opened,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

describe("a thousand tokens in one provider process", function () {
  this.timeout(180_000);
  const clients = Object.fromEntries(
    Array.from({ length: ACCOUNTS }, (_, index) => [`account-${index}`, "a-fake-secret"]),
  );
  let inFlight = 0;
  let mostInFlight = 0;
  const fixture = new Fixture("dynamic", {
    clients,
    before: async () => {
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      await new Promise(setImmediate);
    },
    after: () => {
      inFlight--;
    },
  });

  let counter: Awaited<ReturnType<typeof startCounter>>;
  beforeEach(async () => (counter = await startCounter(fixture.atlas.url)));
  afterEach(() => counter.close());

  it("are issued and revoked, with few connections, level memory and nothing on stderr", async () => {
    const provider = await fixture.start({ MONGODB_ATLAS_BASE_URL: counter.url }, {}, TELLING_HEAP);
    const createOne = (index: number): Promise<Token> =>
      provider.create(`token-${index}`, {
        clientId: `account-${index % ACCOUNTS}`,
        clientSecret: "a-fake-secret",
      });
    const indexes = Array.from({ length: TOKENS }, (_, index) => index);

    const first = await inParallel(indexes.slice(0, EARLY), createOne);
    const early = await heapInUse(provider.host);
    const rest = await inParallel(indexes.slice(EARLY), createOne);
    assert.equal(fixture.active, TOKENS);
    // Each issue has a connection of its own, and the last may not be closed yet when the next is opened.
    assert.ok(mostInFlight <= 8, `${mostInFlight} requests at once`);

    const before = counter.opened();
    await inParallel([...first, ...rest], (token) => provider.delete(token));
    assert.equal(fixture.active, 0);
    assert.ok(counter.opened() - before <= 8, `${counter.opened() - before} connections for ${TOKENS} revokes`);
    assert.ok(mostInFlight <= 8, `${mostInFlight} requests at once`);

    const late = await heapInUse(provider.host);
    const inMiB = (bytes: number): string => `${(bytes / KIB / KIB).toFixed(1)} MiB`;
    console.log(`      in use: ${inMiB(early)} after ${EARLY} creates, ${inMiB(late)} at the end`);
    assert.ok(late - early < (TOKENS - EARLY) * KEPT_A_TOKEN, `${inMiB(late - early)} more are held at the end`);

    await provider.shown();
    assert.equal(provider.host.stderr, "");
  });
});
