"""Sample files as people have them, made by the tools that people's programs are made of. CANARY stands wherever something could tell who made the file."""
import io
import subprocess
import zipfile
from pathlib import Path

import docx
import openpyxl
import pikepdf
import pptx
from odf import dc, draw, meta, office, opendocument, table, text
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from PIL import Image, ImageCms, PngImagePlugin
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Text as Note
from reportlab.pdfgen import canvas

CANARY = "Canaria"
VISIBLE = "The clerk asked for 500 quetzales"
EXIF_TAGS = [
    "-GPSLatitude=14.6349", "-GPSLatitudeRef=N", "-GPSLongitude=90.5069", "-GPSLongitudeRef=W", f"-Make={CANARY} Phones", f"-Model={CANARY} 7",
    "-DateTimeOriginal=2024:05:03 10:15:00", "-CreateDate=2024:05:03 10:15:00", f"-Artist=Maria {CANARY}", f"-Software={CANARY} Camera", f"-UserComment={CANARY} at home",
    f"-SerialNumber={CANARY}-1234", f"-XMP-dc:Creator=Maria {CANARY}", "-XMP-exif:GPSLatitude=14.6349", f"-XMP-xmpMM:DocumentID={CANARY}", f"-XMP-xmp:CreatorTool={CANARY}",
]


def exiftool(*arguments):
    subprocess.run(["exiftool", "-q", "-overwrite_original", *map(str, arguments)], check=True)


def picture(size=(96, 64), mode="RGB"):
    image = Image.new(mode, size)
    for x in range(size[0]):
        for y in range(size[1]):
            image.putpixel((x, y), ((x * 5) % 256, (y * 7) % 256, (x * y) % 256, 255 - x)[: len(mode)])
    return image


def jpegs(folder):
    plain, thumb = folder / "photo.jpg", folder / "thumb.jpg"
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture().save(plain, quality=90, icc_profile=srgb, comment=f"{CANARY} comment", dpi=(300, 300))
    picture((32, 24)).save(thumb)
    exiftool(*EXIF_TAGS, f"-IPTC:By-line=Maria {CANARY}", "-IPTC:City=Guatemala", "-Orientation#=6", f"-ThumbnailImage<={thumb}", plain)
    thumb.unlink()
    (folder / "motion.jpg").write_bytes(plain.read_bytes() + b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + CANARY.encode())
    (folder / "second.jpg").write_bytes(plain.read_bytes() + plain.read_bytes())
    picture().save(folder / "progressive.jpg", progressive=True, quality=80)
    exiftool(*EXIF_TAGS, folder / "progressive.jpg")
    picture(mode="CMYK").save(folder / "cmyk.jpg")
    exiftool(*EXIF_TAGS, folder / "cmyk.jpg")
    picture((640, 480)).save(folder / "upright.jpg", restart_marker_rows=1)


def pngs(folder):
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", f"Maria {CANARY}")
    info.add_text("Comment", CANARY, zip=True)
    info.add_itxt("Description", CANARY)
    info.add_text("Software", CANARY)
    picture(mode="RGBA").save(folder / "picture.png", pnginfo=info, dpi=(144, 144), icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes())
    exiftool(*EXIF_TAGS, "-Orientation#=3", "-PNG:ModifyDate=2024:05:03 10:15:00", folder / "picture.png")
    whole = (folder / "picture.png").read_bytes()
    (folder / "cropped.png").write_bytes(whole + CANARY.encode() * 10)
    picture().quantize(16).save(folder / "palette.png", transparency=3, pnginfo=info)
    frames = [picture(), picture().rotate(90)]
    frames[0].save(folder / "moving.png", save_all=True, append_images=frames[1:], duration=100, pnginfo=info)


def webps(folder):
    picture().save(folder / "lossy.webp", quality=80)
    picture(mode="RGBA").save(folder / "lossless.webp", lossless=True)
    frames = [picture(), picture().rotate(90)]
    frames[0].save(folder / "moving.webp", save_all=True, append_images=frames[1:], duration=100)
    for name in ("lossy", "lossless", "moving"):
        exiftool(*EXIF_TAGS, "-Orientation#=8", folder / f"{name}.webp")
    picture().save(folder / "simple.webp")


def others(folder):
    picture().quantize(16).save(folder / "picture.gif")
    picture().save(folder / "picture.tif")
    picture().save(folder / "picture.avif")
    (folder / "named.jpg").write_bytes((folder / "picture.png").read_bytes())
    with zipfile.ZipFile(folder / "plain.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    (folder / "nothing.jpg").write_bytes(b"")
    (folder / "noise.bin").write_bytes(bytes(range(256)))
    (folder / "half.jpg").write_bytes((folder / "photo.jpg").read_bytes()[:400])
    (folder / "sound.wav").write_bytes(b"RIFF\x24\0\0\0WAVEfmt " + bytes(24))
    (folder / "old.doc").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512))
    (folder / "large.jpg").write_bytes((folder / "photo.jpg").read_bytes() + bytes(50 * 1024 * 1024))


def drawn(path, compress, photo):
    page = canvas.Canvas(str(path), pageCompression=compress)
    page.setAuthor(f"Maria {CANARY}")
    page.setTitle(f"{CANARY} title")
    page.setCreator(CANARY)
    for number in range(3):
        page.drawString(72, 700, f"{VISIBLE}, page {number + 1}")
        page.drawImage(str(photo), 72, 500)
        page.linkURL("https://example.org/", (72, 690, 200, 710))
        page.showPage()
    page.save()


def pdfs(folder):
    drawn(folder / "drawn.pdf", 1, folder / "photo.jpg")
    drawn(folder / "flat.pdf", 0, folder / "photo.jpg")
    with pikepdf.open(folder / "drawn.pdf") as pdf:
        with pdf.open_metadata() as metadata:
            metadata["dc:creator"] = [f"Maria {CANARY}"]
            metadata["xmp:CreateDate"] = "2024-05-03T10:15:00"
        pdf.pages[0].Thumb = pdf.make_stream(bytes(12), Type=pikepdf.Name.XObject, Width=2, Height=2, ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8)
        pdf.pages[0].PieceInfo = pikepdf.Dictionary(App=pikepdf.Dictionary(LastModified="D:20240503101500", Private=CANARY))
        raw = pdf.make_stream((folder / "photo.jpg").read_bytes(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=96, Height=64, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode)
        raw.ColorSpace = pikepdf.Array([pikepdf.Name.ICCBased, pdf.make_stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), N=3)])
        pdf.pages[1].Resources.XObject["/Raw"] = raw
        pdf.pages[1].contents_add(pdf.make_stream(b"q 200 0 0 150 300 300 cm /Raw Do Q"))
        pdf.save(folder / "packed.pdf", object_stream_mode=pikepdf.ObjectStreamMode.generate)
        pdf.save(folder / "linear.pdf", linearize=True)
        pdf.save(folder / "locked.pdf", encryption=pikepdf.Encryption(owner="owner", user=""))
    writer = PdfWriter(str(folder / "packed.pdf"), incremental=True)
    writer.pages[0].merge_page(PdfReader(str(folder / "flat.pdf")).pages[1])
    writer.add_metadata({"/Author": f"Second {CANARY}"})
    writer.add_annotation(0, Note(text=VISIBLE, rect=(50, 550, 200, 650), open=True, title_bar=f"Maria {CANARY}"))
    writer.write(folder / "changed.pdf")
    with pikepdf.open(folder / "drawn.pdf") as pdf:
        pdf.attachments["a.txt"] = CANARY.encode()
        pdf.save(folder / "carrying.pdf")
    with pikepdf.open(folder / "drawn.pdf") as pdf:
        value = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig, Name=CANARY, ByteRange=[0, 1, 2, 3], Contents=b"0"))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="s", V=value))])
        pdf.save(folder / "signed.pdf")


def word(folder):
    document = docx.Document()
    for name in ("author", "last_modified_by", "comments", "title", "keywords"):
        setattr(document.core_properties, name, CANARY)
    paragraph = document.add_paragraph(VISIBLE)
    document.add_comment(paragraph.runs, text="A comment", author=f"Maria {CANARY}", initials="MC")
    document.add_comment(paragraph.runs, text="An answer", author=f"Jose {CANARY}", initials="JC")
    for name, kind in (("ins", "t"), ("del", "delText")):
        xml = f'<w:{name} xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="9{len(kind)}" w:author="Maria {CANARY}" w:date="2024-05-03T10:15:00Z" w:rsidR="00AB12CD"><w:r><w:{kind}>changed</w:{kind}></w:r></w:{name}>'
        paragraph._p.append(docx.oxml.parse_xml(xml))
    document.add_picture(str(folder / "photo.jpg"))
    document.inline_shapes[0]._inline.docPr.set("descr", f"C:\\Users\\{CANARY}\\photo.jpg")
    document.part.relate_to(f"file:///C:/Users/{CANARY}/a.xlsx", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    document.save(folder / "text.docx")


def sheet(folder):
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = CANARY
    book.active["A1"] = VISIBLE
    book.active["A2"], book.active["A3"] = 500, "=A2*2"
    book.active["A1"].comment = Comment(f"Maria {CANARY}:\nA comment", f"Maria {CANARY}")
    book.active.add_image(SheetImage(str(folder / "photo.jpg")), "C5")
    book.create_sheet("More").sheet_state = "hidden"
    book.save(folder / "table.xlsx")


def slides(folder):
    deck = pptx.Presentation()
    deck.core_properties.author = deck.core_properties.last_modified_by = CANARY
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = VISIBLE
    slide.shapes.add_picture(str(folder / "photo.jpg"), Inches(1), Inches(2))
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Bribes", (3, 5))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(3), Inches(2), Inches(4), Inches(3), data)
    deck.save(folder / "slides.pptx")


def odf(folder):
    document = opendocument.OpenDocumentText()
    for element in (meta.InitialCreator, dc.Creator, dc.Title, meta.PrintedBy):
        document.meta.addElement(element(text=CANARY))
    document.meta.addElement(meta.CreationDate(text="2024-05-03T10:15:00"))
    paragraph = text.P(text=VISIBLE)
    note = office.Annotation()
    note.addElement(dc.Creator(text=f"Maria {CANARY}"))
    note.addElement(dc.Date(text="2024-05-03T10:15:00"))
    note.addElement(text.P(text="A comment"))
    paragraph.addElement(note)
    frame = draw.Frame(name=f"{CANARY}.jpg", width="5cm", height="4cm")
    frame.addElement(draw.Image(href=document.addPicture(str(folder / "photo.jpg"))))
    paragraph.addElement(frame)
    document.text.addElement(paragraph)
    document.addThumbnail((folder / "picture.png").read_bytes())
    document.save(str(folder / "text.odt"))
    book = opendocument.OpenDocumentSpreadsheet()
    book.meta.addElement(meta.InitialCreator(text=CANARY))
    rows = table.Table(name="Sheet")
    row = table.TableRow()
    cell = table.TableCell(valuetype="string")
    cell.addElement(text.P(text=VISIBLE))
    row.addElement(cell)
    rows.addElement(row)
    book.spreadsheet.addElement(rows)
    book.save(str(folder / "table.ods"))


def with_member(source, target, name, content):
    """The same zip with one more member."""
    target.write_bytes(source.read_bytes())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, content)


def refused_office(folder):
    with_member(folder / "text.docx", folder / "macros.docx", "word/vbaProject.bin", CANARY)
    with_member(folder / "text.docx", folder / "object.docx", "word/embeddings/oleObject1.bin", bytes.fromhex("d0cf11e0a1b11ae1"))
    with_member(folder / "text.docx", folder / "signed.docx", "_xmlsignatures/sig1.xml", "<a/>")
    with_member(folder / "text.odt", folder / "signed.odt", "META-INF/documentsignatures.xml", "<a/>")
    with_member(folder / "text.docx", folder / "custom.docx", "customXml/item9.xml", f"<a>{CANARY}</a>")
    with_member(folder / "text.docx", folder / "bomb.docx", "word/bomb.xml", "<a>" + " " * (60 * 1024 * 1024) + "</a>")
    deflated = io.BytesIO()
    with zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(folder / "bomb.docx") as bomb:
            for member in bomb.namelist():
                archive.writestr(member, bomb.read(member))
    (folder / "bomb.docx").write_bytes(deflated.getvalue())


def make(folder: Path):
    for maker in (jpegs, pngs, webps, others, pdfs, word, sheet, slides, odf, refused_office):
        maker(folder)
