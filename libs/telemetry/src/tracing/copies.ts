// Into how many requests' traces a job's legs are copied: a producer tells no more of them, a worker heeds no more.

/** A job of 4,096 requests with nine spans each would hold the worker's main thread for 80 ms. */
export const MOST_COPIES = 32
