if not exists(given.id) then return refuse('conversation') end
given.word.at = now
redis.call('HSET', key('words', given.id), given.key, cjson.encode(given.word))
redis.call('PEXPIRE', key('words', given.id), redis.call('PTTL', key('conversation', given.id)))
return answer({})
