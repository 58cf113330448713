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
