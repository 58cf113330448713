local conversation = redis.call('HGET', key('reply', given.id), 'conversation')
local turns = conversation and turns_of(conversation) or {}
local turn = turn_with(turns, given.id)
if not turn then return refuse('reply') end
-- What tells turns of before there were versions apart is who was replaced: that changes now.
for _, each in ipairs(turns) do
  for _, id in ipairs(each) do redis.call('HSET', key('reply', id), 'turn', each[1]) end
end
for _, id in ipairs(turn) do
  if id == given.id then
    redis.call('HDEL', key('reply', id), 'replaced')
  else
    redis.call('HSET', key('reply', id), 'replaced', 1)
  end
end
return answer({})
