-- Replies, and the leases of those under way.

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

-- Set a reply's state, with more text or none, and wake those who wait for news of it.
local function put(reply, text, chars, state, reason)
  local seq = redis.call('HINCRBY', key('reply', reply.id), 'seq', 1)
  redis.call('XADD', key('text', reply.id), chars .. '-' .. seq, 'text', text)
  local ttl_ms = redis.call('PTTL', key('reply', reply.id))  -- what was discarded soon goes as a whole
  redis.call('PEXPIRE', key('text', reply.id), ttl_ms > 0 and ttl_ms or TTL_S * 1000)
  redis.call('HSET', key('reply', reply.id), 'chars', chars, 'state', state, 'reason', reason)
  reply.chars, reply.seq, reply.state, reply.reason = chars, seq, state, reason
end

-- Whether a lease's holder is silent. One of an older version has a heartbeat by Redis's clock alone. A time far
-- in the future is of a Redis that fell back to an earlier state since.
local function is_silent(heartbeat, renewed)
  if not renewed then return tonumber(heartbeat) <= now - ORPHAN_AFTER_S end
  return math.abs(given.steady - tonumber(renewed)) >= ORPHAN_AFTER_S
end

local function renew(id)
  redis.call('HSET', key('reply', id), 'heartbeat', now, 'renewed', given.steady)
end

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
