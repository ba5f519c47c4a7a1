"""FairPlay Streaming: the operator's credentials, version 1 of its messages, and a side-car with Apple's SDK."""
