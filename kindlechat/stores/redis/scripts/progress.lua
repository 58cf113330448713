-- What a follower at its cursor is to know of a reply. Most have nothing new when they are looked at, many times a
-- second: of these no more is read than tells so.
local function news(id, after)
  local found = redis.call('HMGET', key('reply', id),
    'conversation', 'chars', 'seq', 'state', 'reason', 'owner', 'heartbeat', 'renewed')
  local chars, lease = tonumber(found[2]), found[6]
  if chars and chars <= after and lease and not is_silent(found[7], found[8]) and exists(found[1]) then
    return {text = '', chars = chars, seq = tonumber(found[3]), state = found[4], reason = found[5]}
  end
  local reply = read(id, after)
  return reply and {
    text = reply.text, chars = reply.chars, seq = reply.seq,
    state = reply.state, reason = reply.reason, follow_ups = reply.follow_ups,
  }
end

local found = {}
for id, after in pairs(given.cursors) do found[id] = news(id, after) end
return answer(found)
