print("turnkeeper")
