//! Looking for secrets where a server could hold them: its folder, its log, its memory.

use crate::server::Server;
use amparo::base::encode;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What is looked for, in every form it could be written in.
#[derive(Default)]
pub struct Needles {
    names: Vec<String>,
    /// Name and bytes, by the first two bytes.
    forms: BTreeMap<u16, Vec<(usize, Vec<u8>)>>,
}

/// How often each name was found.
pub type Found = BTreeMap<String, usize>;

/// The characters of Base64 that these bytes alone decide, wherever they begin in a longer text.
fn base64_forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let form = |before: usize| {
        let text = encode::base64(&[vec![0; before], bytes.to_vec()].concat());
        text.as_bytes()[(before * 8).div_ceil(6)..(before + bytes.len()) * 8 / 6].to_vec()
    };
    let url = |text: Vec<u8>| {
        text.into_iter()
            .map(|c| match c {
                b'+' => b'-',
                b'/' => b'_',
                c => c,
            })
            .collect()
    };
    (0..3).map(form).flat_map(|text| [text.clone(), url(text)]).collect()
}

impl Needles {
    fn add(&mut self, name: &str, mut forms: Vec<Vec<u8>>) {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        });
        forms.sort();
        forms.dedup();
        for form in forms {
            assert!(form.len() >= 8, "{name} is too short to be told from chance");
            self.forms.entry(u16::from_le_bytes([form[0], form[1]])).or_default().push((index, form));
        }
    }

    pub fn bytes(&mut self, name: &str, bytes: &[u8]) {
        let hex = encode::hex(bytes);
        let reversed = bytes.iter().rev().copied().collect();
        self.add(name, [base64_forms(bytes), vec![bytes.to_vec(), reversed, hex.to_uppercase().into(), hex.into()]].concat());
    }

    pub fn text(&mut self, name: &str, text: &str) {
        let wide = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cases = [text.to_owned(), text.to_lowercase(), text.to_uppercase(), text.replace(' ', "%20"), text.replace(' ', "+")];
        let plain = cases.into_iter().map(String::into_bytes);
        self.add(name, plain.chain([wide, encode::hex(text.as_bytes()).into()]).chain(base64_forms(text.as_bytes())).collect());
    }

    /// How often each name stands in a run of bytes.
    pub fn count(&self, hay: &[u8], found: &mut Found) {
        self.each(hay, |name, _, _| *found.entry(name.to_owned()).or_default() += 1);
    }

    /// The same but for what stands there as part of a known text, cut off or whole.
    pub fn count_beside(&self, hay: &[u8], known: &[&[u8]], found: &mut Found) {
        self.each(hay, |name, at, length| {
            if !known.iter().any(|text| is_part(&hay[..at], &hay[at..at + length], &hay[at + length..], text)) {
                *found.entry(name.to_owned()).or_default() += 1;
            }
        });
    }

    /// Hands over each place where a name stands: name, position, length.
    fn each(&self, hay: &[u8], mut one: impl FnMut(&str, usize, usize)) {
        const PAGE: [u8; 4096] = [0; 4096];
        let mut is_front = vec![false; 1 << 16];
        self.forms.keys().for_each(|front| is_front[usize::from(*front)] = true);
        let mut at = 0;
        while at + 8 <= hay.len() {
            if hay[at] == 0 && hay[at..].starts_with(&PAGE) {
                at += PAGE.len() - 7;
                continue;
            }
            let front = u16::from_le_bytes([hay[at], hay[at + 1]]);
            if is_front[usize::from(front)] {
                let here = self.forms[&front].iter().filter(|(_, form)| hay[at..].starts_with(form));
                here.for_each(|(name, form)| one(&self.names[*name], at, form.len()));
            }
            at += 1;
        }
    }

    pub fn in_folder(&self, folder: &Path) -> Found {
        let mut found = Found::new();
        files(folder).iter().for_each(|file| self.count(&fs::read(file).unwrap_or_default(), &mut found));
        found
    }

    pub fn in_log(&self, server: &Server) -> Found {
        let mut found = Found::new();
        self.count(&fs::read(&server.log).unwrap(), &mut found);
        found
    }

    /// `None` if this user may not read the process's memory; where every test must run that is a failure.
    pub fn in_memory(&self, server: &Server) -> Option<Found> {
        self.in_memory_beside(server, &[])
    }

    pub fn in_memory_beside(&self, server: &Server, known: &[&[u8]]) -> Option<Found> {
        let mut found = Found::new();
        match memory(server.pid, |region| self.count_beside(region, known, &mut found)) {
            Ok(bytes) => {
                assert!(bytes > 1 << 20, "only {bytes} bytes of memory were read");
                Some(found)
            }
            Err(error) if std::env::var_os("AMPARO_REQUIRE_ALL").is_none_or(|v| v == "0") => {
                eprintln!("memory not searched: {error}");
                None
            }
            Err(error) => panic!("the server's memory cannot be read: {error}"),
        }
    }
}

/// Whether so much around a find is as in a text that the find is a piece of it.
fn is_part(before: &[u8], find: &[u8], after: &[u8], text: &[u8]) -> bool {
    const ENOUGH: usize = 40;
    let same = |a: &mut dyn Iterator<Item = &u8>, b: &mut dyn Iterator<Item = &u8>| a.zip(b).take_while(|(a, b)| a == b).count();
    let here = |at: usize| {
        let left = same(&mut before.iter().rev(), &mut text[..at].iter().rev());
        left + same(&mut after.iter(), &mut text[at + find.len()..].iter()) >= ENOUGH
    };
    text.windows(find.len()).enumerate().any(|(at, window)| window == find && here(at))
}

/// Every file below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

/// Hands every readable region of a process to `look`; gives the bytes read.
pub fn memory(pid: u32, mut look: impl FnMut(&[u8])) -> std::io::Result<usize> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let mut mem = File::open(format!("/proc/{pid}/mem"))?;
    let (mut sum, mut region) = (0, Vec::new());
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with('r')) && !line.contains("[v")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [from, to] = [from, to].map(|at| u64::from_str_radix(at, 16).unwrap());
        region.clear();
        mem.seek(SeekFrom::Start(from))?;
        // Pages that are not there any more end a region early.
        let read = Read::by_ref(&mut mem).take(to - from).read_to_end(&mut region);
        if read.is_err() && sum == 0 && region.is_empty() {
            read?;
        }
        sum += region.len();
        look(&region);
    }
    Ok(sum)
}
