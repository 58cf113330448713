local other = pair_by('offered', given.code_hash)
if other and other.owner_hash ~= given.owner_hash then return answer({offered = false}) end
local mine = load_pair(given.owner_hash)
if mine and mine.salt == given.salt then return answer({offered = true}) end  -- sent again after its answer was lost
unlink_pair(given.owner_hash)
redis.call('HSET', key('pair', given.owner_hash), 'salt', given.salt, 'conversation', given.conversation,
  'reader_hash', given.reader_hash, 'code_hash', given.code_hash, 'secret_hash', given.secret_hash,
  'reply', '', 'since', now, 'expires', now + given.offer_s)
redis.call('EXPIRE', key('pair', given.owner_hash), given.offer_s)
lead_to_pair('side', given.reader_hash, given.owner_hash, given.offer_s)
lead_to_pair('offered', given.code_hash, given.owner_hash, given.offer_s)
lead_to_pair('offered', given.secret_hash, given.owner_hash, given.offer_s)
return answer({offered = true})
