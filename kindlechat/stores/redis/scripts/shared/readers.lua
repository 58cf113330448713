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
