-- All that a copy of a conversation has of it: the seed, and of each turn the reply that counts, with its text and
-- picture. With `turns` only of so many of the first ones.
local COPIED = {'question', 'prompt', 'picture', 'follow_ups', 'chars', 'state', 'reason'}

local seed = redis.call('GET', key('conversation', given.id))
if not seed then return refuse('conversation') end
local replies = {}
for _, turn in ipairs(turns_of(given.id)) do
  for _, id in ipairs(turn) do
    local reply = #replies < (given.turns or math.huge) and read(id, 0)
    if reply and not reply.replaced then
      local copy = {fields = {}, text = reply.text, pictures = {}}
      if is_under_way(reply) then reply.state, reply.reason = 'interrupted', 'orphan' end
      for _, name in ipairs(COPIED) do copy.fields[name] = reply[name] end
      for _, field in ipairs({reply.picture or '', 'preview:' .. (reply.picture or '')}) do
        copy.pictures[field] = redis.call('HGET', key('pictures', given.id), field) or nil
      end
      replies[#replies + 1] = copy
    end
  end
end
return answer({seed = seed, replies = replies, now = now})
