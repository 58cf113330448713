-- The request, the time, and how keys and results are written. Arguments and results are JSON; times are
-- seconds since the epoch. The caller puts the constants PREFIX, SLOT_CHARS, TTL_S and ORPHAN_AFTER_S in front.

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

-- What a conversation has lies in one slot of a cluster: its id and those of its replies begin alike, and what
-- a name has in braces decides the slot.
local OF_A_CONVERSATION = {
  conversation = true, discarded = true, rights = true, about = true, turns = true, words = true, pictures = true,
  reply = true, text = true,
}
local function key(kind, id)
  if OF_A_CONVERSATION[kind] then id = '{' .. id:sub(1, SLOT_CHARS) .. '}' .. id:sub(SLOT_CHARS + 1) end
  return PREFIX .. kind .. ':' .. id
end

local ACTIVE = PREFIX .. 'active'

local function answer(value) return cjson.encode(value) end

local function refuse(why) return cjson.encode({refused = why}) end
