//! The public origin: routes, headers, refusals, pages.
