#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| amparo_fuzz::run("reply", data));
