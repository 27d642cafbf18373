/*
 * Sizes, and where things lie in the memory of the kernel that merges. Two compilers read this file, TypeScript's and
 * AssemblyScript's (which takes whole numbers for 32-bit integers): nothing but whole numbers, and no imports.
 */

/** Postings of either segment that are merged at a time: with their result they stay in a core's own cache. */
export const BATCH_POSTINGS = 8_192

/** Rows of a directory that are brought, or made, at a time; and room for them and the one that ends them. */
export const BATCH_ROWS = 4_096
export const ROWS_ROOM = BATCH_ROWS + 8

/**
 * Postings of a segment come with so many before them that their places there and here agree modulo so many, and their
 * addresses modulo eight: shared memory is copied byte by byte otherwise.
 */
export const POSTINGS_APART = 4

/** Where the second segment's postings begin: beyond those of the first, with what comes before and what is shifted behind. */
export const SECOND_FROM = BATCH_POSTINGS + 2 * POSTINGS_APART
/** Room for the postings of both, and for as many merged ones. */
export const POSTINGS_ROOM = 2 * SECOND_FROM

/* Addresses in bytes. The first kilobyte is AssemblyScript's own. */

export const ORDERS_AT = 1_024
export const POSITIONS_AT = ORDERS_AT + 2 * POSTINGS_ROOM
export const MERGED_ORDERS_AT = POSITIONS_AT + 4 * POSTINGS_ROOM
export const MERGED_POSITIONS_AT = MERGED_ORDERS_AT + 2 * POSTINGS_ROOM
export const FIRST_ROWS_AT = MERGED_POSITIONS_AT + 4 * POSTINGS_ROOM
export const SECOND_ROWS_AT = FIRST_ROWS_AT + 4 * ROWS_ROOM
export const MERGED_ROWS_AT = SECOND_ROWS_AT + 4 * ROWS_ROOM
export const MEMORY_BYTES = MERGED_ROWS_AT + 4 * ROWS_ROOM
