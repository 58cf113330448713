-- What the scripts share. Arguments and results are JSON; times are seconds since the epoch. The caller
-- puts the constants PREFIX, TTL_S and ORPHAN_AFTER_S in front.

local given = cjson.decode(ARGV[1])

-- Machines' clocks disagree, and a reply must not look dead for that: Redis's own clock counts.
local now = given.now
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1e6
end

-- Seconds that run on however Redis's clock is set, to judge silence by. Of a long step only a part counts: it
-- may be a jump of the clock or a pause of everything, after which the living need time for a heartbeat.
local CLOCK, MAX_STEP_S, LEAST_STEP_S = PREFIX .. 'clock', ORPHAN_AFTER_S / 2, 0.2

local steady_now
local function steady()
  if steady_now then return steady_now end
  local found = redis.call('HMGET', CLOCK, 'wall', 'steady')
  local step = now - tonumber(found[1] or now)
  steady_now = tonumber(found[2] or 0) + math.max(0, math.min(step, MAX_STEP_S))
  if not found[1] or step < 0 or step > LEAST_STEP_S then
    -- A full memory takes nothing; what there is can be read all the same.
    redis.pcall('HSET', CLOCK, 'wall', now, 'steady', steady_now)
    redis.pcall('EXPIRE', CLOCK, TTL_S)
  end
  return steady_now
end

local function key(kind, id) return PREFIX .. kind .. ':' .. id end

local ACTIVE = PREFIX .. 'active'

local function answer(value) return cjson.encode(value) end

local function refuse(why) return cjson.encode({refused = why}) end

-- A reply as a table of its hash's fields, or nil. Two fields have the names that they always had: `owner`
-- is the lease, which a reply has while it is under way and as an orphan, whose holder may come back;
-- `address` is the client hash.
local function load(id)
  local fields = redis.call('HGETALL', key('reply', id))
  if #fields == 0 then return nil end
  local reply = {id = id}
  for i = 1, #fields, 2 do reply[fields[i]] = fields[i + 1] end
  reply.chars = tonumber(reply.chars)
  return reply
end

local function rights_of(conversation)
  local found = redis.call('HMGET', key('rights', conversation), 'owner_hash', 'key_hash')
  return {owner_hash = found[1], key_hash = found[2]}
end

local function grant(conversation, rights)
  for name, hash in pairs(rights) do redis.call('HSET', key('rights', conversation), name, hash) end
end

-- The turns of a conversation, oldest first: each is a list of the ids of its versions, the first one's
-- first. A reply of before there were versions has no `turn`: it took the place of the one before it, if
-- that was replaced.
local function turns_of(conversation)
  local turns, turn_of, last = {}, {}, nil
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    local found = redis.call('HMGET', key('reply', id), 'turn', 'replaced', 'state')
    if found[3] then
      local turn = found[1] and turn_of[found[1]] or (not found[1] and last)
      if not turn then
        turn = {}
        turns[#turns + 1] = turn
      end
      turn[#turn + 1] = id
      turn_of[id] = turn
      last = found[2] and turn or nil
    end
  end
  return turns
end

-- The one of these turns that a reply is a version of, or nil.
local function turn_with(turns, wanted)
  for _, turn in ipairs(turns) do
    for _, id in ipairs(turn) do
      if id == wanted then return turn end
    end
  end
end

-- What its owner made of a conversation: its title, its star, its share.
local function about(conversation)
  local found = redis.call('HMGET', key('about', conversation), 'title', 'starred', 'share')
  return {title = found[1] or '', starred = found[2] == '1', share = found[3]}
end

local function exists(conversation)
  return redis.call('EXISTS', key('conversation', conversation)) == 1
end

local function owner_of(conversation)
  return redis.call('HGET', key('rights', conversation), 'owner_hash')
end

-- A reader's list is sorted by when conversations were written; a star adds more than any time is.
local STAR = 1e12

local function score(conversation, at)
  return redis.call('HGET', key('about', conversation), 'starred') == '1' and at + STAR or at
end

local function written(score) return score >= STAR and score - STAR or score end

local function scored(found, into)
  for i = 1, #found, 2 do
    into[#into + 1] = {id = found[i], written = written(tonumber(found[i + 1]))}
  end
  return into
end

-- So many conversations of a reader's list, the starred ones first, without so many before them.
local function starred_first(list, offset, count)
  return scored(redis.call('ZREVRANGE', list, offset, offset + count - 1, 'WITHSCORES'), {})
end

-- The same, the last written ones first.
local function last_written(list, offset, count)
  local found, last = {}, offset + count
  for _, range in ipairs({{'+inf', STAR}, {'(' .. STAR, '-inf'}}) do
    scored(redis.call(
      'ZREVRANGEBYSCORE', list, range[1], range[2], 'WITHSCORES', 'LIMIT', 0, last), found)
  end
  table.sort(found, function(a, b) return a.written > b.written end)
  local page = {}
  for i = offset + 1, math.min(last, #found) do page[#page + 1] = found[i] end
  return page
end

local function enlist(conversation, at)
  local owner_hash = owner_of(conversation)
  if not owner_hash then return end
  redis.call('ZADD', key('owned', owner_hash), score(conversation, at), conversation)
  redis.call('EXPIRE', key('owned', owner_hash), TTL_S)
  local share = redis.call('HGET', key('about', conversation), 'share')
  if share then
    redis.call('SADD', key('shared', owner_hash), conversation)
    redis.call('EXPIRE', key('shared', owner_hash), TTL_S)
  end
end

-- Let all that a conversation has expire in so many seconds.
local function expire(conversation, ttl_s)
  for _, kind in ipairs({'conversation', 'rights', 'about', 'turns', 'words', 'pictures'}) do
    redis.call('EXPIRE', key(kind, conversation), ttl_s)
  end
  local share = redis.call('HGET', key('about', conversation), 'share')
  if share then redis.call('EXPIRE', key('share', share), ttl_s) end
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    redis.call('EXPIRE', key('reply', id), ttl_s)
    redis.call('EXPIRE', key('text', id), ttl_s)
  end
end

-- Let a conversation with all it has live for another TTL_S, as one that was written at that time. Nothing
-- keeps one that was discarded.
local function keep(conversation, at)
  if not exists(conversation) then return end
  redis.call('ZADD', ACTIVE, at or now, conversation)
  redis.call('EXPIRE', ACTIVE, TTL_S)
  enlist(conversation, at or now)
  expire(conversation, TTL_S)
end

-- Take a conversation out of all lists.
local function delist(conversation)
  local owner_hash = owner_of(conversation)
  redis.call('ZREM', ACTIVE, conversation)
  if not owner_hash then return end
  redis.call('ZREM', key('owned', owner_hash), conversation)
  redis.call('ZREM', key('bin', owner_hash), conversation)
  redis.call('SREM', key('shared', owner_hash), conversation)
end

-- Delete a conversation with all it has.
local function delete_conversation(conversation)
  delist(conversation)
  local share = redis.call('HGET', key('about', conversation), 'share')
  if share then redis.call('UNLINK', key('share', share)) end
  for _, id in ipairs(redis.call('LRANGE', key('turns', conversation), 0, -1)) do
    redis.call('UNLINK', key('reply', id), key('text', id))
  end
  for _, kind in ipairs({'turns', 'conversation', 'discarded', 'rights', 'about', 'words', 'pictures'}) do
    redis.call('UNLINK', key(kind, conversation))
  end
end

-- Whether a conversation was discarded less than so many seconds ago.
local function can_restore(conversation, undo_s)
  local at = redis.call('HGET', key('about', conversation), 'discarded')
  return at and tonumber(at) > now - undo_s
    and redis.call('EXISTS', key('discarded', conversation)) == 1
end

-- A conversation as an entry of its owner's list.
local function entry(conversation, at)
  local turns = turns_of(conversation)
  local question = ''
  for _, id in ipairs(turns[1] or {}) do
    local reply = redis.call('HMGET', key('reply', id), 'question', 'replaced')
    if not reply[2] then question = reply[1] end
  end
  local found = about(conversation)
  return {
    id = conversation, question = question, turns = #turns, written = at,
    title = found.title, starred = found.starred, share = found.share or nil,
  }
end

-- Conversations of before there were lists are put into theirs once.
local function enlist_all()
  if redis.call('SET', PREFIX .. 'listed', '', 'NX', 'EX', TTL_S) then
    local all = redis.call('ZRANGE', ACTIVE, 0, -1, 'WITHSCORES')
    for i = 1, #all, 2 do enlist(all[i], all[i + 1]) end
  end
end

-- Set a reply's state, with more text or none, and wake those who wait for news of it.
local function put(reply, text, chars, state, reason)
  local seq = redis.call('HINCRBY', key('reply', reply.id), 'seq', 1)
  redis.call('XADD', key('text', reply.id), chars .. '-' .. seq, 'text', text)
  local ttl_ms = redis.call('PTTL', key('reply', reply.id))  -- what was discarded soon goes as a whole
  redis.call('PEXPIRE', key('text', reply.id), ttl_ms > 0 and ttl_ms or TTL_S * 1000)
  redis.call('HSET', key('reply', reply.id), 'chars', chars, 'state', state, 'reason', reason)
  reply.chars, reply.seq, reply.state, reply.reason = chars, seq, state, reason
end

-- Whether a lease's holder is silent. One of an older version has a heartbeat by Redis's clock alone.
local function is_silent(heartbeat, renewed)
  if renewed then return tonumber(renewed) <= steady() - ORPHAN_AFTER_S end
  return tonumber(heartbeat) <= now - ORPHAN_AFTER_S
end

local function renew(id) redis.call('HSET', key('reply', id), 'heartbeat', now, 'renewed', steady()) end

local function is_under_way(reply) return reply.state == 'waiting' or reply.state == 'streaming' end

-- A reply with its text from a little before character `after` to its end; marks an orphan, unless the
-- memory is full: what there is can be read all the same.
local function read(id, after)
  local reply = load(id)
  if not reply or not exists(reply.conversation) then return nil end
  if reply.owner and reply.reason ~= 'orphan' and is_silent(reply.heartbeat, reply.renewed) then
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

-- The reply that a question with this fingerprint repeats, or nil.
local function find_repeat(fingerprint)
  local id = redis.call('GET', key('pressed', fingerprint.value))
  local reply = id and read(id, math.huge)
  if not reply then return nil end
  if tonumber(reply.created) > now - fingerprint.window_s then return reply end
  if fingerprint.while_under_way and is_under_way(reply) then return reply end
  return nil
end

-- Whether a client may have one more reply under way; orphans do not count, nor does `besides`.
local function has_room(client_hash, limit, besides)
  if not limit then return true end
  local under_way = 0
  for _, id in ipairs(redis.call('SMEMBERS', key('asking', client_hash))) do
    local lease = redis.call('HMGET', key('reply', id), 'owner', 'heartbeat', 'renewed')
    if not lease[1] then
      redis.call('SREM', key('asking', client_hash), id)
    elseif id ~= besides and not is_silent(lease[2], lease[3]) then
      under_way = under_way + 1
    end
  end
  return under_way < limit
end

local function enter(client_hash, id)
  redis.call('SADD', key('asking', client_hash), id)
  redis.call('EXPIRE', key('asking', client_hash), TTL_S)
end

-- The count of a quota's present window, and when that ends.
local function window(quota)
  local found = redis.call('HMGET', key('quota', quota.key), 'count', 'expires')
  if found[1] and tonumber(found[2]) > now then return tonumber(found[1]), tonumber(found[2]) end
  return 0, now + quota.window_s
end

-- Why nothing more fits in the quotas: the one that is spent for longest; nil where all have room.
local function spent(quotas)
  local worst
  for _, quota in ipairs(quotas) do
    local count, expires = window(quota)
    if count >= quota.amount and (not worst or expires > worst.expires) then
      worst = {quota = quota.key, expires = expires, wait_s = math.max(1, math.ceil(expires - now))}
    end
  end
  return worst
end

local function count(quotas, cost)
  for _, quota in ipairs(quotas) do
    local counted, expires = window(quota)
    redis.call('HSET', key('quota', quota.key), 'count', counted + cost, 'expires', expires)
    redis.call('EXPIRE', key('quota', quota.key), quota.window_s)
  end
end

-- The newsletter.

local MAILBOXES, SUBSCRIBERS, PENDING = PREFIX .. 'mailboxes', PREFIX .. 'subscribers', PREFIX .. 'pending'
local ISSUES = PREFIX .. 'issues'

-- A subscriber as a table of its hash's fields, or nil.
local function load_subscriber(id)
  local fields = redis.call('HGETALL', key('subscriber', id))
  if #fields == 0 then return nil end
  local subscriber = {id = id}
  for i = 1, #fields, 2 do subscriber[fields[i]] = fields[i + 1] end
  return subscriber
end

-- Put a subscriber into the sets that its standing asks for, and into no others.
local function set_standing(id, standing)
  local language = redis.call('HGET', key('subscriber', id), 'language')
  redis.call('HSET', key('subscriber', id), 'standing', standing, 'since', now)
  redis.call('ZREM', PENDING, id)
  redis.call('ZREM', key('subscribers', language), id)
  if standing == 'pending' then redis.call('ZADD', PENDING, now, id) end
  if standing == 'active' then redis.call('ZADD', key('subscribers', language), 0, id) end
end

local function delete_subscriber(id)
  local subscriber = load_subscriber(id)
  set_standing(id, 'left')
  redis.call('ZREM', SUBSCRIBERS, id)
  redis.call('HDEL', MAILBOXES, subscriber.mailbox_hash)
  redis.call('UNLINK', key('subscriber', id))
end

-- Readers.

local SEEN = PREFIX .. 'seen'

local function key_owner(kind, hash) return key('key_owner', kind .. ':' .. hash) end

-- The keys in Redis that lead from a reader's keys to the reader, by kind.
local function owned_keys(owner_hash)
  local fields, found = redis.call('HGETALL', key('reader', owner_hash)), {}
  for i = 1, #fields, 2 do
    if fields[i] ~= 'mailbox' then
      found[fields[i]] = key_owner(fields[i], cjson.decode(fields[i + 1])[1])
    end
  end
  return found
end

local function take_key(owner_hash, kind)
  local lead = owned_keys(owner_hash)[kind]
  if lead then redis.call('DEL', lead) end
  redis.call('HDEL', key('reader', owner_hash), kind)
end

-- Let all that is kept of a reader live for another TTL_S.
local function see(owner_hash)
  redis.call('ZADD', SEEN, now, owner_hash)
  redis.call('EXPIRE', SEEN, TTL_S)
  redis.call('EXPIRE', key('reader', owner_hash), TTL_S)
  for _, lead in pairs(owned_keys(owner_hash)) do redis.call('EXPIRE', lead, TTL_S) end
end

local function forget(owner_hash)
  for _, lead in pairs(owned_keys(owner_hash)) do redis.call('DEL', lead) end
  redis.call('UNLINK', key('reader', owner_hash))
  redis.call('ZREM', SEEN, owner_hash)
end

-- Pairs. What has expired by the caller's clock is gone, too: tests put that forward.

-- A reader's pair as a table of its hash's fields, or nil.
local function load_pair(owner_hash)
  local fields = redis.call('HGETALL', key('pair', owner_hash))
  local pair = {owner_hash = owner_hash}
  for i = 1, #fields, 2 do pair[fields[i]] = fields[i + 1] end
  if #fields == 0 or tonumber(pair.expires) <= now then return nil end
  return pair
end

-- The pair as the contract has it, or an empty table.
local function told_pair(pair)
  return pair and {
    owner_hash = pair.owner_hash, salt = pair.salt, joined = pair.phone_hash ~= nil,
    age_s = now - pair.since, conversation = pair.conversation, reply = pair.reply,
  } or {}
end

local function unlink_pair(owner_hash)
  local pair = redis.call('HMGET', key('pair', owner_hash),
    'reader_hash', 'phone_hash', 'code_hash', 'secret_hash')
  for i, hash in ipairs(pair) do
    local lead = hash and key(i < 3 and 'side' or 'offered', hash)
    if lead and redis.call('GET', lead) == owner_hash then redis.call('DEL', lead) end
  end
  redis.call('DEL', key('pair', owner_hash))
end

-- The live pair that `side:HASH` or `offered:HASH` leads to, or nil.
local function pair_by(kind, hash)
  local owner_hash = redis.call('GET', key(kind, hash))
  return owner_hash and load_pair(owner_hash) or nil
end

local function lead_to_pair(kind, hash, owner_hash, ttl_s)
  redis.call('SET', key(kind, hash), owner_hash, 'EX', ttl_s)
end
