forget(given.owner_hash)
return answer({})
