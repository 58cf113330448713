"""The store for many machines: one Redis (7 or newer, no cluster) that all of them share.

Every method is one Lua script, so it is atomic and costs one round trip. A reply is a hash; its text
is a stream beside it, one entry a write. An entry's id is `CHARS-SEQ`: how long the text is with it,
and how many entries there were. So a cursor, counted in characters, is a position in the stream, an
end or a change of state is an entry with no text, and whoever waits for news misses none between
looking and waiting.

Everything lies under one prefix and expires by itself: a conversation with all it has expires the
time it is kept for after its last reply began or ended, whichever is later.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from limits import RateLimitItem
from redis import BlockingConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import ReadOnlyError
from redis.retry import Retry

from kindlechat.errors import (
    NotContinuable,
    Reason,
    ReplacedMeanwhile,
    StoreUnavailable,
    TooManyReplies,
    UnknownConversation,
    UnknownReply,
)
from kindlechat.reply import TRANSITIONS, Message, Progress, Reply, Signal, State
from kindlechat.stores import (
    FORGET_AT_ONCE,
    Conversation,
    NewReply,
    Signs,
    Store,
    Write,
    Written,
)
from kindlechat.timings import Timings

PREFIX = "kindlechat:"

MAX_CONNECTIONS = 4
"""A process's connections: one waits for news, the others serve requests of a millisecond each. Small
Redis plans allow 20 connections in all."""

IDLE_CHECK_S = 25
"""A connection idle for longer is tried out before it is used: routers forget silent ones."""

LIBRARY = """
local given = cjson.decode(ARGV[1])

-- Machines' clocks disagree, and a reply must not look dead for that: Redis's own clock counts.
local now = given.now
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1e6
end

local function key(kind, id) return PREFIX .. kind .. ':' .. id end

local ACTIVE = PREFIX .. 'active'

local function answer(value) return cjson.encode(value) end

local function refuse(why) return cjson.encode({refused = why}) end

-- A reply as a table of its hash's fields, or nil. It has an owner while it is under way, and as an
-- orphan, whose owner may come back.
local function load(id)
  local fields = redis.call('HGETALL', key('reply', id))
  if #fields == 0 then return nil end
  local reply = {id = id}
  for i = 1, #fields, 2 do reply[fields[i]] = fields[i + 1] end
  reply.chars = tonumber(reply.chars)
  return reply
end

-- Let a conversation with all it has live for another TTL_S.
local function keep(conversation)
  redis.call('ZADD', ACTIVE, now, conversation)
  redis.call('EXPIRE', ACTIVE, TTL_S)
  redis.call('EXPIRE', key('conversation', conversation), TTL_S)
  redis.call('EXPIRE', key('turns', conversation), TTL_S)
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    redis.call('EXPIRE', key('reply', id), TTL_S)
    redis.call('EXPIRE', key('text', id), TTL_S)
  end
end

-- Say how a reply stands, with more text or none, and wake those who wait for news of it.
local function put(reply, text, chars, state, reason)
  local seq = redis.call('HINCRBY', key('reply', reply.id), 'seq', 1)
  redis.call('XADD', key('text', reply.id), chars .. '-' .. seq, 'text', text)
  redis.call('EXPIRE', key('text', reply.id), TTL_S)
  redis.call('HSET', key('reply', reply.id), 'chars', chars, 'state', state, 'reason', reason)
  reply.chars, reply.seq, reply.state, reply.reason = chars, seq, state, reason
end

local function is_silent(heartbeat) return tonumber(heartbeat) <= now - ORPHAN_AFTER_S end

-- A reply with its text from a little before character `after` to its end; marks an orphan, unless the
-- memory is full: what there is can be read all the same.
local function read(id, after)
  local reply = load(id)
  if not reply then return nil end
  if reply.owner and reply.reason ~= 'orphan' and is_silent(reply.heartbeat) then
    local marked = redis.pcall('HSET', key('reply', id), 'reason', 'orphan')
    if type(marked) == 'table' and marked.err then
      reply.state, reply.reason = 'interrupted', 'orphan'
    else
      put(reply, '', reply.chars, 'interrupted', 'orphan')
    end
  end
  local pieces = {}
  if reply.chars > after then
    local entries = redis.call('XRANGE', key('text', id), (after + 1) .. '-0', '+')
    for i, entry in ipairs(entries) do pieces[i] = entry[2][2] end
  end
  reply.text = table.concat(pieces)
  return reply
end

-- Whether an address may have one more reply under way; orphans do not count, nor does `besides`.
local function has_room(address, at_once, besides)
  if not at_once then return true end
  local under_way = 0
  for _, id in ipairs(redis.call('SMEMBERS', key('asking', address))) do
    local sign = redis.call('HMGET', key('reply', id), 'owner', 'heartbeat')
    if not sign[1] then
      redis.call('SREM', key('asking', address), id)
    elseif id ~= besides and not is_silent(sign[2]) then
      under_way = under_way + 1
    end
  end
  return under_way < at_once
end

local function enter(address, id)
  redis.call('SADD', key('asking', address), id)
  redis.call('EXPIRE', key('asking', address), TTL_S)
end
"""
"""What the scripts share. Arguments and results are JSON; times are seconds since the epoch."""

CREATE = """
if redis.call('EXISTS', key('reply', given.id)) == 1 then
  return answer({id = given.id})  -- sent again after its answer was lost
end
local pressed = given.fingerprint and key('pressed', given.fingerprint)
local twin = pressed and redis.call('GET', pressed)
local first = twin and read(twin, 0)
if first then
  local created = tonumber(redis.call('HGET', key('reply', twin), 'created'))
  local under_way = first.state == 'waiting' or first.state == 'streaming'
  if under_way or created > now - given.repeat_within_s then return answer({id = twin}) end
end

if not has_room(given.address, given.at_once, given.replaces) then return refuse('room') end
if given.seed then
  redis.call('SET', key('conversation', given.conversation), given.seed)
elseif redis.call('EXISTS', key('conversation', given.conversation)) == 0 then
  return refuse('conversation')
end
if given.replaces and redis.call('EXISTS', key('reply', given.replaces)) == 1 then
  if redis.call('HSETNX', key('reply', given.replaces), 'replaced', 1) == 0 then
    return refuse('replaced')
  end
end
redis.call('HSET', key('reply', given.id),
  'conversation', given.conversation, 'question', given.question, 'owner', given.owner,
  'address', given.address, 'created', now, 'heartbeat', now,
  'state', 'waiting', 'reason', '', 'chars', 0, 'seq', 0)
redis.call('RPUSH', key('turns', given.conversation), given.id)
enter(given.address, given.id)
if pressed then redis.call('SET', pressed, given.id, 'EX', TTL_S) end
keep(given.conversation)
return answer({id = given.id})
"""

READ = """
return answer(read(given.id, 0) or {})
"""

FOLLOW = """
local found = {}
for id, after in pairs(given.cursors) do
  local reply = read(id, after)
  if reply then
    found[id] = {
      text = reply.text, chars = reply.chars, seq = reply.seq,
      state = reply.state, reason = reply.reason,
    }
  end
end
return answer(found)
"""

CONVERSATION = """
local seed = redis.call('GET', key('conversation', given.id))
if not seed then return answer({}) end
local replies = {}
for _, id in ipairs(redis.call('LRANGE', key('turns', given.id), 0, -1)) do
  local reply = read(id, 0)
  if reply and not reply.replaced then replies[#replies + 1] = reply end
end
return answer({seed = seed, replies = replies})
"""

WRITE = """
-- One character of UTF-8: its first byte and what continues it.
local CHARACTER = '[^\\128-\\191][\\128-\\191]*'

-- An end told again after its answer was lost.
local function is_repeat(reply, write)
  return reply.ended_by == write.owner and reply.state == write.state and write.chars <= reply.chars
end

local lost, behind, gone = {}, {}, {}
for _, write in ipairs(given.writes) do
  local reply = load(write.id)
  if not reply then
    gone[#gone + 1] = write.id
  elseif reply.owner == write.owner and write.start > reply.chars then
    behind[write.id] = reply.chars
  elseif reply.owner == write.owner then
    local text = write.text
    if write.start < reply.chars then
      text = text:gsub(CHARACTER, '', reply.chars - write.start)
    end
    redis.call('HSET', key('reply', write.id), 'heartbeat', now)
    put(reply, text, math.max(reply.chars, write.chars), write.state, write.reason)
    if write.ended then
      redis.call('HDEL', key('reply', write.id), 'owner')
      redis.call('HSET', key('reply', write.id), 'ended_by', write.owner)
      redis.call('SREM', key('asking', reply.address), write.id)
      keep(reply.conversation)
    end
  elseif not is_repeat(reply, write) then
    lost[#lost + 1] = write.id
  end
end
return answer({lost = lost, behind = behind, gone = gone})
"""

RESUME = """
local reply = read(given.id, 0)
if not reply then return refuse('reply') end
if reply.owner == given.owner then return answer(reply) end  -- sent again
if not given.continuable[reply.state] then return refuse('state') end
if not has_room(given.address, given.at_once) then return refuse('room') end
redis.call('HDEL', key('reply', given.id), 'stop')
redis.call('HSET', key('reply', given.id),
  'owner', given.owner, 'address', given.address, 'heartbeat', now)
redis.call('SREM', key('asking', reply.address), given.id)
local before = answer(reply)
put(reply, '', reply.chars, 'waiting', '')
enter(given.address, given.id)
keep(reply.conversation)
return before
"""

ASK_STOP = """
if redis.call('HEXISTS', key('reply', given.id), 'owner') == 1 then
  redis.call('HSET', key('reply', given.id), 'stop', 1)
end
return answer({})
"""

GIVE_SIGNS = """
local stop, lost = {}, {}
for id, owner in pairs(given.owned) do
  local found = redis.call('HMGET', key('reply', id), 'owner', 'stop')
  if found[1] ~= owner then
    if redis.call('EXISTS', key('reply', id)) == 1 then lost[#lost + 1] = id end
  else
    if given.alive then redis.call('HSET', key('reply', id), 'heartbeat', now) end
    if found[2] then stop[#stop + 1] = id end
  end
end
return answer({stop = stop, lost = lost})
"""

FORGET = """
local before = now - given.older_than_s

-- When a reply of a conversation that is under way last gave a sign, or 0.
local function last_sign(ids)
  local last = 0
  for _, id in ipairs(ids) do
    local sign = redis.call('HMGET', key('reply', id), 'owner', 'heartbeat')
    if sign[1] then last = math.max(last, tonumber(sign[2])) end
  end
  return last
end

local forgotten = 0
local old = redis.call('ZRANGEBYSCORE', ACTIVE, '-inf', '(' .. before, 'LIMIT', 0, given.at_once)
for _, conversation in ipairs(old) do
  local ids = redis.call('LRANGE', key('turns', conversation), 0, -1)
  local sign = last_sign(ids)
  if sign >= before then
    redis.call('ZADD', ACTIVE, sign, conversation)
  else
    for _, id in ipairs(ids) do redis.call('UNLINK', key('reply', id), key('text', id)) end
    redis.call('UNLINK', key('turns', conversation), key('conversation', conversation))
    redis.call('ZREM', ACTIVE, conversation)
    forgotten = forgotten + 1
  end
end
return answer({forgotten = forgotten})
"""

COUNT = """
local wait_ms = 0
for _, limit in ipairs(given.limits) do
  local counter = key('count', limit.key)
  if tonumber(redis.call('GET', counter) or 0) >= limit.amount then
    wait_ms = math.max(wait_ms, redis.call('PTTL', counter), 1)
  end
end
if wait_ms > 0 then return answer({wait_ms = wait_ms}) end
if given.cost == 0 then return answer({}) end
for _, limit in ipairs(given.limits) do
  local counter = key('count', limit.key)
  if redis.call('INCRBY', counter, given.cost) == given.cost then
    redis.call('EXPIRE', counter, limit.window_s)
  end
end
return answer({})
"""

SCRIPTS = (
    *(CREATE, READ, FOLLOW, CONVERSATION, WRITE, RESUME),
    *(ASK_STOP, GIVE_SIGNS, FORGET, COUNT),
)

REFUSALS = {
    "room": TooManyReplies,
    "conversation": UnknownConversation,
    "reply": UnknownReply,
    "state": NotContinuable,
    "replaced": ReplacedMeanwhile,
}
"""A script's refusals, as errors of the contract."""

CONTINUABLE = {state: True for state, signal in TRANSITIONS if signal is Signal.CONTINUE}

GONE = {"state": State.INTERRUPTED, "reason": Reason.ORPHAN, "chars": 0, "text": ""}
"""What a follower is told of a reply that is not there (any more)."""


class RedisStore(Store):
    """The contract on one Redis.

    Written text survives this process and this machine; whether it survives Redis's end is up to
    Redis's own persistence. Evicting keys is not for this data: `maxmemory-policy noeviction`.
    """

    def __init__(
        self,
        url: str,
        keep_s: int,
        clock: Callable[[], float] | None = None,
        *,
        timings: Timings = Timings(),
    ) -> None:
        """Prepare for the Redis at `url`; it is connected to at first use, and again whenever needed.

        Replies are kept for `keep_s` seconds. `clock` takes the place of Redis's own. Raises
        StoreUnavailable when the address makes no sense.
        """
        self._clock = clock
        self._timings = timings
        self._pool = _open_pool(url, timings.redis_timeout_s)
        self._redis = Redis(connection_pool=self._pool)
        constants = (
            f"local PREFIX, TTL_S = '{PREFIX}', {keep_s}\n"
            f"local ORPHAN_AFTER_S = {timings.orphan_after_s:g}\n"
        )
        self._scripts = {
            body: self._redis.register_script(constants + LIBRARY + body) for body in SCRIPTS
        }

    def _run(self, body: str, **given: Any) -> Any:
        """Run a script; arguments that are None are left out. Raises what the script refuses by."""
        if self._clock is not None:
            given["now"] = self._clock()
        arguments = {name: value for name, value in given.items() if value is not None}
        with _told():
            found = self._scripts[body](args=[json.dumps(arguments, ensure_ascii=False)])
        result = json.loads(found)
        if "refused" in result:
            raise REFUSALS[result["refused"]]
        return result

    def create_reply(self, new: NewReply, at_once: int | None = None) -> str:
        seed = None if new.seed is None else [[message.role, message.text] for message in new.seed]
        created = self._run(
            CREATE,
            id=new.id,
            conversation=new.conversation,
            question=new.question,
            owner=new.owner,
            address=new.address,
            seed=None if seed is None else json.dumps(seed, ensure_ascii=False),
            replaces=new.replaces,
            fingerprint=new.fingerprint,
            repeat_within_s=new.repeat_within_s,
            at_once=at_once,
        )
        return str(created["id"])

    def reply(self, reply_id: str) -> Reply | None:
        found = self._run(READ, id=reply_id)
        return _reply(found) if found else None

    def conversation(self, conversation_id: str) -> Conversation | None:
        found = self._run(CONVERSATION, id=conversation_id)
        if not found:
            return None
        seed = tuple(Message(role, text) for role, text in json.loads(found["seed"]))
        return Conversation(conversation_id, seed, tuple(map(_reply, found["replies"])))

    def write(self, writes: Sequence[Write]) -> Written:
        """Append text and set states, all in one round trip; see the contract.

        Redis is behind after a restart from a file that had not everything yet, or when a replica
        that had not has taken over.
        """
        found = self._run(WRITE, writes=[_arguments(write) for write in writes])
        return Written(frozenset(found["lost"]), dict(found["behind"]), frozenset(found["gone"]))

    def read_after(self, cursors: Mapping[str, int], wait_s: float) -> dict[str, Progress]:
        """The progress of every id in `cursors`, at once where there is news of any; see the contract.

        However many ids there are, one connection waits, at most `redis_max_block_s`.
        """
        found = self._run(FOLLOW, cursors=dict(cursors))
        progress = _progress(found, cursors)
        if any(each.text or each.state.ended for each in progress.values()):
            return progress
        if not self._wait_for_news(found, wait_s):
            return progress
        return _progress(self._run(FOLLOW, cursors=dict(cursors)), cursors)

    def _wait_for_news(self, found: Mapping[str, Any], wait_s: float) -> bool:
        """Wait until something is put to any reply in `found` after it was read.

        Returns whether it was. Redis looks at its clock ten times a second, so the wait may take 0.1 s
        longer than asked for.
        """
        block_ms = int(min(wait_s, self._timings.redis_max_block_s) * 1000)
        if not found or block_ms <= 0:
            return False
        last = {f"{PREFIX}text:{id_}": f"{at['chars']}-{at['seq']}" for id_, at in found.items()}
        with _told():
            return bool(self._redis.xread(last, count=1, block=block_ms))  # type: ignore[arg-type]

    def resume(self, reply_id: str, owner: str, address: str, at_once: int | None = None) -> Reply:
        return _reply(
            self._run(
                RESUME,
                id=reply_id,
                owner=owner,
                address=address,
                at_once=at_once,
                continuable=CONTINUABLE,
            )
        )

    def ask_stop(self, reply_id: str) -> None:
        self._run(ASK_STOP, id=reply_id)

    def give_signs(self, owned: Mapping[str, str], *, alive: bool) -> Signs:
        found = self._run(GIVE_SIGNS, owned=dict(owned), alive=alive)
        return Signs(stop=frozenset(found["stop"]), lost=frozenset(found["lost"]))

    def forget(self, older_than_s: float) -> int:
        """Remove old conversations; see the contract.

        Those that have expired already count too when their last trace is removed.
        """
        found = self._run(FORGET, older_than_s=older_than_s, at_once=FORGET_AT_ONCE)
        return int(found["forgotten"])

    def count(
        self, limits: Sequence[RateLimitItem], address: str, *, cost: int = 1
    ) -> float | None:
        """Count a question in fixed windows, atomically; see the contract."""
        counters = [
            {"key": item.key_for(address), "amount": item.amount, "window_s": item.get_expiry()}
            for item in limits
        ]
        wait_ms = self._run(COUNT, limits=counters, cost=cost).get("wait_ms")
        return None if wait_ms is None else max(1.0, float(-(-wait_ms // 1000)))

    def secret(self) -> str | None:
        """None: with Redis the operator sets SECRET_KEY, as whoever reads Redis must not forge signs."""
        return None

    def check(self) -> None:
        with _told():
            self._redis.set(f"{PREFIX}checked", "", ex=60)

    def close(self) -> None:
        self._pool.disconnect()


@contextmanager
def _told() -> Iterator[None]:
    """Tell Redis's troubles as the contract's; redis-py's messages name the host, not the password."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"Redis: {error}") from error


def _open_pool(url: str, timeout_s: float) -> BlockingConnectionPool:
    try:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MAX_CONNECTIONS,
            timeout=timeout_s,
            socket_timeout=timeout_s,
            socket_connect_timeout=timeout_s,
            health_check_interval=IDLE_CHECK_S,
            # Once more on a new connection, at once: every script may be sent twice. A server that
            # takes no writes was demoted, its successor answers at the same name. Silence is not
            # worth a second try, it has cost its time already.
            retry=Retry(NoBackoff(), 1, (LostConnection, ReadOnlyError)),
            decode_responses=True,
            protocol=2,
        )
        pool.connection_class(**pool.connection_kwargs)  # raises on options it does not know
    except (ValueError, TypeError, RedisError):
        # The cause may quote the password: it is left out.
        raise StoreUnavailable(
            "REDIS_URL: expected redis://USER:PASSWORD@HOST:PORT/NUMBER (or rediss://), special"
            " characters percent-encoded and options as redis-py has them, got something else"
        ) from None
    return pool


def _arguments(write: Write) -> dict[str, Any]:
    return {
        "id": write.id,
        "owner": write.owner,
        "start": write.start,
        "text": write.text,
        "chars": write.start + len(write.text),
        "state": write.state,
        "reason": write.reason or "",
        "ended": write.state.ended,
    }


def _reply(found: Mapping[str, Any]) -> Reply:
    return Reply(
        found["id"],
        found["conversation"],
        found["question"],
        found["text"],
        State(found["state"]),
        _reason(found["reason"]),
    )


def _progress(found: Mapping[str, Any], cursors: Mapping[str, int]) -> dict[str, Progress]:
    return {id_: _after(found.get(id_, GONE), cursor) for id_, cursor in cursors.items()}


def _after(found: Mapping[str, Any], cursor: int) -> Progress:
    """The progress in what was read: its text begins with the entry that the cursor stands in."""
    news = max(0, found["chars"] - cursor)
    text = found["text"][-news:] if news else ""
    return Progress(text, cursor + len(text), State(found["state"]), _reason(found["reason"]))


def _reason(value: str) -> Reason | None:
    return Reason(value) if value else None
