-- The request, the time, and how keys and results are written. Arguments and results are JSON; times are
-- seconds since the epoch, but for `steady` (see clock.lua). The caller puts the constants PREFIX, SLOT_CHARS, TTL_S
-- and ORPHAN_AFTER_S in front.

local given = cjson.decode(ARGV[1])

-- Machines' clocks disagree, and a reply must not look dead for that: Redis's own clock counts.
local now = given.now
if not now then
  local time = redis.call('TIME')
  now = time[1] + time[2] / 1e6
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

local function answer(value) return cjson.encode(value) end

local function refuse(why) return cjson.encode({refused = why}) end
