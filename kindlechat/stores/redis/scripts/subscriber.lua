return answer({subscriber = load_subscriber(given.id)})
