if redis.call('EXISTS', key('conversation', given.id)) == 0 then return refuse('conversation') end
return answer(rights_of(given.id))
