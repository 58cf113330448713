if redis.call('EXISTS', key('reader', given.owner_hash)) == 1 then see(given.owner_hash) end
return answer({})
