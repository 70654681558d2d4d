//! A fuzzer that goes by the document finds no fault of the service and no answer that is not described.
