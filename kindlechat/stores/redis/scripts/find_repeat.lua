local reply = find_repeat(given.fingerprint)
return answer(reply and {id = reply.id} or {})
