//! Archives of tar(5) in its ustar form, as far as layers of images need it.

const BLOCK: usize = 512;

/// An archive of files.
pub fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (name, content) in files {
        archive.extend(header(name, content.len()));
        archive.extend(*content);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

/// The content of a file of an archive.
pub fn file(archive: &[u8], wanted: &str) -> Option<Vec<u8>> {
    let mut rest = archive;
    while let Some((header, after)) = rest.split_at_checked(BLOCK) {
        let text =
            |from: usize, to: usize| String::from_utf8_lossy(&header[from..to]).trim_matches(['\0', ' ']).to_owned();
        let size = usize::from_str_radix(&text(124, 136), 8).ok()?;
        if text(0, 100) == wanted {
            return after.get(..size).map(<[u8]>::to_vec);
        }
        rest = after.get(size.next_multiple_of(BLOCK)..)?;
    }
    None
}

/// The block before a file that everybody may read, of root, from the beginning of time.
fn header(name: &str, size: usize) -> Vec<u8> {
    let mut header = vec![0; BLOCK];
    let mut put = |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    for (at, number) in [(100, "0000644"), (108, "0000000"), (116, "0000000"), (136, "00000000000")] {
        put(at, number);
    }
    put(124, &format!("{size:011o}"));
    // The sum is of the header with spaces in place of the sum.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar");
    put(263, "00");
    let sum: u32 = header.iter().copied().map(u32::from).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
