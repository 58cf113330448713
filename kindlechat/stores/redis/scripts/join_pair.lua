local again = pair_by('side', given.phone_hash)
if again then return answer(told_pair(again)) end  -- sent again after its answer was lost
local pair = pair_by('offered', given.hash)
if not pair then return answer({}) end
local name = key('pair', pair.owner_hash)
redis.call('DEL', key('offered', pair.code_hash), key('offered', pair.secret_hash))
redis.call('HDEL', name, 'code_hash', 'secret_hash')
redis.call('HSET', name, 'phone_hash', given.phone_hash, 'since', now, 'expires', now + given.pair_s)
redis.call('EXPIRE', name, given.pair_s)
lead_to_pair('side', pair.reader_hash, pair.owner_hash, given.pair_s)
lead_to_pair('side', given.phone_hash, pair.owner_hash, given.pair_s)
return answer(told_pair(load_pair(pair.owner_hash)))
