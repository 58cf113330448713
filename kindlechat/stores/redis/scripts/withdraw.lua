if not exists(given.id) then return refuse('conversation') end
local found = standing(given.id, now)
redis.call('HDEL', key('about', given.id), 'share')
return answer(found)
