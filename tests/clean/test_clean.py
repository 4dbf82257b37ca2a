"""What the page's cleaners leave of real files, judged by tools that are not ours: exiftool, Pillow, poppler, pikepdf, pypdf, python-docx, openpyxl, python-pptx, odfpy."""
import io
import json
import shutil
import subprocess
import tempfile
import unittest
import zipfile
from pathlib import Path

import docx
import openpyxl
import pikepdf
import pptx
from odf import opendocument, teletype, text
from PIL import Image, ImageCms, ImageSequence
from pypdf import PdfReader

import samples
from samples import CANARY, VISIBLE

HERE = Path(__file__).parent
PICTURES = ["photo.jpg", "motion.jpg", "second.jpg", "progressive.jpg", "cmyk.jpg", "upright.jpg", "picture.png", "cropped.png", "palette.png", "moving.png", "named.jpg", "lossy.webp", "lossless.webp", "moving.webp", "simple.webp"]
PDFS = ["drawn.pdf", "flat.pdf", "packed.pdf", "linear.pdf", "changed.pdf"]
OFFICE = ["text.docx", "custom.docx", "table.xlsx", "slides.pptx", "text.odt", "table.ods"]
# What exiftool may still say: what every file of the form has.
ALLOWED = {
    "SourceFile", "ExifTool:ExifToolVersion", "Composite:ImageSize", "Composite:Megapixels", "EXIF:Orientation", "File:ExifByteOrder", "PDF:PDFVersion", "PDF:PageMode", "PDF:Linearized", "PDF:PageCount",
    "File:ImageWidth", "File:ImageHeight", "File:EncodingProcess", "File:BitsPerSample", "File:ColorComponents", "File:YCbCrSubSampling", "APP14:DCTEncodeVersion", "APP14:APP14Flags0", "APP14:APP14Flags1", "APP14:ColorTransform",
    "JFIF:JFIFVersion", "JFIF:ResolutionUnit", "JFIF:XResolution", "JFIF:YResolution",
    "PNG:ImageWidth", "PNG:ImageHeight", "PNG:BitDepth", "PNG:ColorType", "PNG:Compression", "PNG:Filter", "PNG:Interlace", "PNG:Palette", "PNG:Transparency", "PNG:AnimationFrames", "PNG:AnimationPlays",
}
ALLOWED_GROUPS = {"File", "RIFF", "ZIP"}
REFUSALS = {
    "carrying.pdf": ("pdf", "embedded"), "locked.pdf": ("pdf", "encrypted"), "signed.pdf": ("pdf", "signed"), "macros.docx": ("docx", "macros"), "object.docx": ("docx", "embedded"), "signed.docx": ("docx", "signed"),
    "signed.odt": ("odt", "signed"), "bomb.docx": ("docx", "too_complex"), "half.jpg": ("jpeg", "damaged"), "large.jpg": ("jpeg", "too_large"), "nothing.jpg": ("unknown", "empty"), "noise.bin": ("unknown", "unsupported"),
    "picture.gif": ("gif", "unsupported"), "picture.tif": ("tiff", "unsupported"), "picture.avif": ("avif", "unsupported"), "plain.zip": ("zip", "unsupported"), "sound.wav": ("audio", "unsupported"), "old.doc": ("old_office", "unsupported"),
}


def everything_in(path):
    """All bytes that a reader could get at: the file, members of zips, unpacked streams of PDF."""
    data = path.read_bytes()
    yield path.name, data
    if data[:2] == b"PK":
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                content = archive.read(member)
                yield f"{path.name}:{member}", content
                if content[:2] == b"PK":
                    with zipfile.ZipFile(io.BytesIO(content)) as inner:
                        for name in inner.namelist():
                            yield f"{path.name}:{member}:{name}", inner.read(name)
    if data[:4] == b"%PDF":
        with pikepdf.open(path) as pdf:
            for item in pdf.objects:
                yield f"{path.name}:object", repr(item).encode()
                if isinstance(item, pikepdf.Stream):
                    try:
                        yield f"{path.name}:stream", item.read_bytes()
                    except pikepdf.PdfError:
                        # A picture: what stands around it is undone, the picture is read as it is.
                        yield f"{path.name}:picture", item.read_raw_bytes()


class Cleaned(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(tempfile.mkdtemp(prefix="amparo-clean-"))
        cls.before, cls.after = cls.folder / "before", cls.folder / "after"
        cls.before.mkdir()
        cls.after.mkdir()
        samples.make(cls.before)
        subprocess.run(["node", HERE / "clean_files.mjs", cls.before, cls.after], check=True)
        cls.results = json.loads((cls.after / "results.json").read_text())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def removed(self, name):
        return {finding["category"] for finding in self.results[name]["found"] if finding["removed"]}

    def kept(self, name):
        return {finding["category"] for finding in self.results[name]["found"] if not finding["removed"]}

    def test_every_sample_is_either_cleaned_or_refused_by_name(self):
        for name, result in self.results.items():
            with self.subTest(name):
                is_clean = name in PICTURES + PDFS + OFFICE
                self.assertEqual((self.after / name).exists(), is_clean, result)
                self.assertEqual(result.get("why"), None if is_clean else REFUSALS[name][1])
                if not is_clean:
                    self.assertEqual(result["kind"], REFUSALS[name][0])

    def test_the_samples_really_hold_what_is_looked_for(self):
        for name in ("photo.jpg", "picture.png", "lossy.webp", "packed.pdf", "text.docx", "table.xlsx", "slides.pptx", "text.odt"):
            self.assertTrue(any(CANARY.encode() in data for _, data in everything_in(self.before / name)), name)
        told = self.exiftool(self.before / "photo.jpg")
        for tag in ("EXIF:GPSLatitude", "EXIF:Make", "EXIF:Artist", "EXIF:DateTimeOriginal", "EXIF:ThumbnailImage", "IPTC:By-line", "XMP:Creator", "ICC_Profile:ProfileDescription", "File:Comment"):
            self.assertIn(tag, told)

    def test_no_trace_of_the_person_is_left_in_any_byte(self):
        for name in PICTURES + PDFS + OFFICE:
            for where, data in everything_in(self.after / name):
                for trace in (CANARY, CANARY.encode("utf-16-be").decode("latin1"), "14.6349", "2024-05-03", "2024:05:03", "20240503"):
                    self.assertNotIn(trace.encode("latin1"), data, where)

    @staticmethod
    def exiftool(path):
        return json.loads(subprocess.run(["exiftool", "-j", "-G0", "-a", "-ee", "-u", str(path)], check=True, capture_output=True).stdout)[0]

    def test_exiftool_finds_nothing_but_what_every_such_file_has(self):
        for name in PICTURES + PDFS:
            told = {tag for tag in self.exiftool(self.after / name) if tag not in ALLOWED and tag.split(":")[0] not in ALLOWED_GROUPS}
            self.assertEqual(told, set(), name)
        for name in OFFICE:
            told = {tag for tag in self.exiftool(self.after / name) if tag.split(":")[0] in ("XML", "XMP", "FlashPix", "EXIF")}
            self.assertEqual(told - {"XMP:GeneratorVersion"}, set(), name)

    def test_pictures_inside_of_documents_tell_nothing(self):
        for name in OFFICE:
            with zipfile.ZipFile(self.after / name) as archive:
                for member in archive.namelist():
                    if member.endswith((".jpg", ".jpeg", ".png")):
                        path = self.folder / "member"
                        path.write_bytes(archive.read(member))
                        self.assertEqual({tag for tag in self.exiftool(path) if tag not in ALLOWED and tag.split(":")[0] not in ALLOWED_GROUPS}, set(), f"{name}:{member}")

    def test_no_pixel_changes(self):
        for name in PICTURES:
            with Image.open(self.before / name) as before, Image.open(self.after / name) as after:
                self.assertEqual((before.format, before.mode, before.size, getattr(before, "n_frames", 1)), (after.format, after.mode, after.size, getattr(after, "n_frames", 1)), name)
                for one, other in zip(ImageSequence.Iterator(before), ImageSequence.Iterator(after)):
                    self.assertEqual(one.convert("RGBA").tobytes(), other.convert("RGBA").tobytes(), name)

    def test_pictures_stand_as_upright_as_before(self):
        for name, orientation in {"photo.jpg": 6, "motion.jpg": 6, "picture.png": 3, "lossy.webp": 8, "lossless.webp": 8, "moving.webp": 8, "upright.jpg": None, "progressive.jpg": None}.items():
            with Image.open(self.after / name) as image:
                self.assertEqual(image.getexif().get(0x0112), orientation, name)
                self.assertLessEqual(len(image.getexif()), 1, name)

    def test_what_was_found_is_told(self):
        for name in ("photo.jpg", "progressive.jpg", "picture.png", "lossy.webp"):
            self.assertLessEqual({"place", "device", "author", "dates", "software", "comment", "history"}, self.removed(name), name)
        self.assertIn("thumbnail", self.removed("photo.jpg"))
        self.assertIn("video", self.removed("motion.jpg"))
        self.assertIn("history", self.removed("cropped.png"))
        self.assertEqual(self.results["upright.jpg"]["found"], [])
        for name in ("text.docx", "table.xlsx", "slides.pptx", "text.odt", "drawn.pdf"):
            self.assertLessEqual({"author", "place", "device", "dates"}, self.removed(name), name)
        self.assertIn("history", self.removed("changed.pdf"))
        self.assertEqual(self.kept("text.docx"), {"history", "comment"})
        self.assertEqual(self.kept("table.xlsx"), {"comment", "hidden"})
        self.assertEqual(self.kept("text.odt"), {"comment"})
        self.assertEqual(self.kept("changed.pdf"), {"comment"})

    def test_the_kind_is_what_the_bytes_are_and_the_name_tells_nothing(self):
        self.assertEqual((self.results["named.jpg"]["kind"], self.results["named.jpg"]["name"]), ("png", "file.png"))
        self.assertEqual({result["name"].split(".")[0] for result in self.results.values()}, {"file"})

    def test_pdf_says_and_shows_the_same(self):
        for name in PDFS:
            before, after = PdfReader(self.before / name), PdfReader(self.after / name)
            self.assertEqual([page.extract_text() for page in before.pages], [page.extract_text() for page in after.pages], name)
            self.assertIn(VISIBLE, after.pages[0].extract_text())
            self.assertEqual(self.rendered(self.before / name), self.rendered(self.after / name), name)
            self.assertEqual(len(after.pages[0].get("/Annots", [])), len(before.pages[0].get("/Annots", [])), name)

    def rendered(self, path):
        target = Path(tempfile.mkdtemp(dir=self.folder))
        subprocess.run(["pdftoppm", "-r", "50", str(path), str(target / "page")], check=True, capture_output=True)
        return [page.read_bytes() for page in sorted(target.iterdir())]

    def test_pdf_is_whole_and_of_one_version(self):
        for name in PDFS:
            with pikepdf.open(self.after / name) as pdf:
                self.assertEqual(pdf.check_pdf_syntax(), [], name)
                self.assertEqual(set(pdf.trailer.keys()) & {"/Info", "/ID", "/Prev"}, set(), name)
                self.assertNotIn("/Metadata", pdf.Root)
            self.assertEqual((self.after / name).read_bytes().count(b"%%EOF"), 1)
            self.assertLess((self.after / name).stat().st_size, (self.before / name).stat().st_size * 1.1, name)

    def test_word_opens_with_the_same_text_and_nobodys_name(self):
        before, after = docx.Document(self.before / "text.docx"), docx.Document(self.after / "text.docx")
        self.assertEqual([p.text for p in before.paragraphs], [p.text for p in after.paragraphs])
        self.assertEqual([c.text for c in before.comments], [c.text for c in after.comments])
        self.assertTrue(all(c.author.startswith("Author ") and c.timestamp is None for c in after.comments))
        self.assertEqual(len({c.author for c in after.comments}), 2)
        self.assertEqual(len(after.inline_shapes), 1)
        xml = zipfile.ZipFile(self.after / "text.docx").read("word/document.xml").decode()
        self.assertIn("<w:del ", xml)
        self.assertNotIn("rsid", xml)

    def test_excel_opens_with_the_same_cells(self):
        before, after = openpyxl.load_workbook(self.before / "table.xlsx"), openpyxl.load_workbook(self.after / "table.xlsx")
        self.assertEqual([[cell.value for cell in row] for row in before.active], [[cell.value for cell in row] for row in after.active])
        self.assertEqual(after.active["A1"].comment.author, "Author 1")
        self.assertIn("A comment", after.active["A1"].comment.text)
        self.assertEqual(after["More"].sheet_state, "hidden")
        self.assertEqual(len(after.active._images), 1)

    def test_powerpoint_opens_with_the_same_slides_and_charts(self):
        def words(name):
            return [shape.text_frame.text for slide in pptx.Presentation(name).slides for shape in slide.shapes if shape.has_text_frame]

        self.assertEqual(words(self.before / "slides.pptx"), words(self.after / "slides.pptx"))
        chart = next(shape.chart for shape in pptx.Presentation(self.after / "slides.pptx").slides[0].shapes if shape.has_chart)
        self.assertEqual(list(chart.plots[0].series[0].values), [3, 5])
        book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
        self.assertEqual(book.active["B2"].value, 3)

    def test_open_document_opens_with_the_same_text(self):
        for name in ("text.odt", "table.ods"):
            before, after = (opendocument.load(folder / name) for folder in (self.before, self.after))
            paragraphs = [[teletype.extractText(p) for p in document.getElementsByType(text.P)] for document in (before, after)]
            self.assertTrue(any(VISIBLE in paragraph for paragraph in paragraphs[1]))
            self.assertEqual(str(paragraphs[0]).replace(f"Maria {CANARY}", "Author 1").replace("2024-05-03", "2000-01-01").replace("10:15", "00:00"), str(paragraphs[1]))
            with zipfile.ZipFile(self.after / name) as archive:
                first = archive.infolist()[0]
                self.assertEqual((first.filename, first.compress_type, first.extra), ("mimetype", zipfile.ZIP_STORED, b""))

    def test_zips_hold_no_dates_and_no_extras(self):
        for name in OFFICE:
            with zipfile.ZipFile(self.after / name) as archive:
                self.assertIsNone(archive.testzip())
                self.assertEqual(archive.comment, b"")
                facts = {(info.date_time, info.extra, info.comment, info.create_system, info.external_attr, info.internal_attr) for info in archive.infolist()}
                self.assertEqual(facts, {((1980, 1, 1, 0, 0, 0), b"", b"", 0, 0, 0)}, name)
            self.assertLess((self.after / name).stat().st_size, (self.before / name).stat().st_size * 1.3, name)

    def test_cleaning_a_clean_file_changes_and_finds_nothing(self):
        again = self.folder / "again"
        again.mkdir()
        source = self.folder / "source"
        source.mkdir()
        for name in PICTURES + PDFS + OFFICE:
            shutil.copy(self.after / name, source / name)
        subprocess.run(["node", HERE / "clean_files.mjs", source, again], check=True)
        for name, result in json.loads((again / "results.json").read_text()).items():
            self.assertEqual([finding for finding in result["found"] if finding["removed"]], [], name)
            if name in PICTURES + OFFICE:
                self.assertEqual((again / name).read_bytes(), (self.after / name).read_bytes(), name)


if __name__ == "__main__":
    unittest.main()
