-- What a client may have under way, and how often it may ask.

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
