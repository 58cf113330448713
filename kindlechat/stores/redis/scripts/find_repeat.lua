-- The reply with this id, where a question of a fingerprint that led to it repeats its question.
local reply = read(given.id, math.huge)
local repeats = reply and (tonumber(reply.created) > now - given.window_s
  or given.while_under_way and is_under_way(reply))
return answer({repeats = repeats or false})
