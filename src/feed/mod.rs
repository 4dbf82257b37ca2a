//! What desks download and append: gate login, batches, case requests.
