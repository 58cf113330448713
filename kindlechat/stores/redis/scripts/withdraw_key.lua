take_key(given.owner_hash, given.kind)
return answer({})
