return answer(find_repeat(given.fingerprint) or {})
